export interface Range {
  from_ms: number
  to_ms: number
}

export interface GestureTarget {
  /** What is shown now. */
  range(): Range
  /** Asks to show another period. */
  show(range: Range): void
}

/** The period after zooming by `factor` around the place `share` (0 left … 1 right). */
export function zoomed(range: Range, share: number, factor: number): Range {
  const centre = range.from_ms + (range.to_ms - range.from_ms) * share
  return { from_ms: centre - (centre - range.from_ms) * factor, to_ms: centre + (range.to_ms - centre) * factor }
}

/** The period after moving it by `share` of its length. */
export function panned(range: Range, share: number): Range {
  const shift = (range.to_ms - range.from_ms) * share
  return { from_ms: range.from_ms + shift, to_ms: range.to_ms + shift }
}

/** Wheel zooms, middle or shift drag pans, one finger pans, two zoom, double click widens. Returns how to end it. */
export function listenGestures(area: HTMLElement, target: GestureTarget): () => void {
  const ending = new AbortController()
  const options = { signal: ending.signal }
  const fingers = new Map<number, number>()
  const shareOf = (x: number) => (x - area.getBoundingClientRect().left) / area.clientWidth
  area.style.touchAction = 'none'

  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    target.show(event.shiftKey ? panned(target.range(), event.deltaY / 1000) : zoomed(target.range(), shareOf(event.clientX), event.deltaY > 0 ? 1.25 : 0.8))
  }
  const down = (event: PointerEvent) => {
    const pans = event.pointerType === 'touch' || event.button === 1 || (event.button === 0 && event.shiftKey)
    if (!pans) return
    event.preventDefault()
    fingers.set(event.pointerId, event.clientX)
    area.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent) => {
    const before = fingers.get(event.pointerId)
    if (before === undefined) return
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1]
    fingers.set(event.pointerId, event.clientX)
    if (other === undefined) return target.show(panned(target.range(), (before - event.clientX) / area.clientWidth))
    const factor = Math.abs(before - other) / Math.max(Math.abs(event.clientX - other), 10)
    target.show(zoomed(target.range(), shareOf(other), factor))
  }
  const up = (event: PointerEvent) => void fingers.delete(event.pointerId)
  area.addEventListener('wheel', wheel, { ...options, passive: false })
  area.addEventListener('pointerdown', down, options)
  area.addEventListener('pointermove', move, options)
  area.addEventListener('pointerup', up, options)
  area.addEventListener('pointercancel', up, options)
  area.addEventListener('dblclick', (event) => target.show(zoomed(target.range(), shareOf(event.clientX), 2)), options)
  return () => ending.abort()
}
