import { computed, onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { asProblem, getPoint, isAbort, readDrawing, type Point, type Problem, type Series } from '@/api'
import { useLiveHub, useLivePoints, useNow } from '@/live'
import { withTail } from './assemble'
import type { Range } from './gestures'
import { emptySeries } from './pens'
import { clampSpan, fittingSpan, type TrendView } from './query'
import { SampleCache, type View } from './sample_cache'

const rest_ms = 60
const tail_max = 600
const look_ahead_points_max = 8

/** The samples of a view: drawn at once from what is at hand, asked for when the view has come to rest, followed live when it follows the clock. */
export function useTrend(view: ShallowRef<TrendView>, columns: Ref<number>) {
  const hub = useLiveHub()
  const now = useNow()
  const cache = new SampleCache(readDrawing, () => hub.now_ms())
  const points = shallowRef<ReadonlyMap<string, Point>>(new Map())
  const stored = shallowRef<readonly Series[]>([])
  const tails = new Map<string, [number, number, number][]>()
  const tailLength = shallowRef(0)
  const problem = shallowRef<Problem>()
  const isLoading = shallowRef(false)
  let running: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  // Zooming changes the view but leaves this list the same one, so that what hangs on it alone stays as it is.
  const codes = computed(() => view.value.points)
  const isFollowing = computed(() => view.value.from_ms === null)
  const range = computed<Range>(() => {
    const { from_ms, span_ms } = view.value
    return from_ms === null ? { from_ms: now.value - span_ms, to_ms: now.value } : { from_ms, to_ms: from_ms + span_ms }
  })
  const series = computed(() => {
    // Read so that a longer tail makes a new picture; the tails themselves are plain arrays.
    void tailLength.value
    return codes.value.map((code) => withTail(stored.value.find((one) => one.point === code) ?? emptySeries(code), tails.get(code) ?? []))
  })

  const asked = (): View => ({ points: codes.value, range: range.value, width_px: columns.value })
  const draw = () => {
    const found = cache.find(asked())
    if (found) stored.value = found
    return found
  }
  const fit = (got: readonly Series[]) => {
    const first_ms = Math.min(...got.flatMap((one) => one.time_ms.find((time) => time >= range.value.from_ms) ?? []))
    if (first_ms < Infinity) view.value = { points: codes.value, from_ms: null, span_ms: fittingSpan(view.value, first_ms, now.value) }
  }
  /** The wider view around this one: zooming out then shows something at once. */
  const lookAhead = (signal: AbortSignal) => {
    const { from_ms, to_ms } = range.value
    const span_ms = to_ms - from_ms
    if (codes.value.length <= look_ahead_points_max) void cache.load({ ...asked(), range: { from_ms: from_ms - span_ms, to_ms: to_ms + span_ms } }, signal).catch(() => undefined)
  }
  const load = async () => {
    running?.abort()
    const mine = (running = new AbortController())
    if (codes.value.length === 0) return void (stored.value = [])
    isLoading.value = true
    try {
      await cache.load(asked(), mine.signal)
      if (mine !== running) return
      tails.clear()
      const got = draw()
      if (view.value.isOpen && got) fit(got)
      problem.value = undefined
      lookAhead(mine.signal)
    } catch (caught) {
      if (mine === running && !isAbort(caught)) problem.value = asProblem(caught)
    } finally {
      if (mine === running) isLoading.value = false
    }
  }
  const loadSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void load(), rest_ms)
  }
  const describe = async (wanted: readonly string[]) => {
    const missing = wanted.filter((code) => !points.value.has(code))
    const found = await Promise.all(missing.map((code) => getPoint(code).catch((caught: unknown) => void (problem.value = asProblem(caught)))))
    points.value = new Map([...points.value, ...found.flatMap((point) => (point ? [[point.code, point] as const] : []))])
  }

  const { valueOf } = useLivePoints(() => (isFollowing.value ? codes.value : []))
  watch(
    () => codes.value.map(valueOf),
    (values) => {
      values.forEach((live, place) => {
        const code = codes.value[place]
        if (!live || !code) return
        const tail = tails.get(code) ?? []
        if (live.time_ms <= (tail.at(-1)?.[0] ?? 0)) return
        tail.push([live.time_ms, live.value ?? Number.NaN, live.quality])
        tails.set(code, tail)
      })
      tailLength.value += 1
      if (Math.max(0, ...[...tails.values()].map((tail) => tail.length)) > tail_max) loadSoon()
    },
  )
  watch(codes, (wanted) => void describe(wanted), { immediate: true })
  watch([view, columns], draw)
  watch(hub.reconnects, () => cache.clear())
  watch([view, columns, hub.reconnects], loadSoon, { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    running?.abort()
  })

  /** Shows another period; one that reaches past now follows the clock from here on. */
  const show = (wanted: Range) => {
    const span_ms = clampSpan(wanted.to_ms - wanted.from_ms)
    const reachesNow = wanted.to_ms >= now.value && view.value.from_ms === null
    view.value = { points: codes.value, span_ms, from_ms: reachesNow ? null : Math.min(wanted.from_ms, now.value - span_ms / 2) }
  }
  return { codes, points, series, range, problem, isLoading, show, load }
}
