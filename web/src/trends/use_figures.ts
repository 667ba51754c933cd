import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { readFigures, type Figures } from '@/api'
import type { Range } from './gestures'

const rest_ms = 300
/** While a view follows the clock its figures are asked for again this often. */
const again_ms = 10_000

/** The figures of every sample in sight, asked for when the view has come to rest; none while it moves. */
export function useFigures(codes: Ref<readonly string[]>, range: Ref<Range>) {
  const figures = shallowRef<ReadonlyMap<string, Figures>>(new Map())
  let running: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let shown: Range | undefined

  const load = async () => {
    running?.abort()
    const mine = (running = new AbortController())
    if (codes.value.length === 0) return
    const wanted = range.value
    const got = await readFigures({ points: codes.value, ...wanted }, mine.signal).catch(() => undefined)
    if (mine !== running || !got) return
    figures.value = got
    shown = wanted
  }
  const isNearlyShown = ({ from_ms, to_ms }: Range) => shown !== undefined && to_ms - from_ms === shown.to_ms - shown.from_ms && Math.abs(to_ms - shown.to_ms) < again_ms

  watch(
    [codes, range],
    ([, wanted], before) => {
      if (before[0] === codes.value && isNearlyShown(wanted)) return
      if (shown && wanted.to_ms - wanted.from_ms !== shown.to_ms - shown.from_ms) figures.value = new Map()
      clearTimeout(timer)
      timer = setTimeout(() => void load(), rest_ms)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    running?.abort()
  })
  return { figures }
}
