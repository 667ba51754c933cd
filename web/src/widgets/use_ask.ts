import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { asProblem, isAbort, type Problem } from '@/api'

export interface Asked<T> {
  answer: ShallowRef<T | undefined>
  problem: ShallowRef<Problem | undefined>
  isLoading: ShallowRef<boolean>
  /** Asks once more; an answer still under way is dropped. */
  again(): Promise<void>
}

/** Asks at once and whenever `sources` change; only the newest question's answer counts. */
export function useAsk<T>(question: (signal: AbortSignal) => Promise<T>, sources: WatchSource[] = []): Asked<T> {
  const answer = shallowRef<T>()
  const problem = shallowRef<Problem>()
  const isLoading = shallowRef(true)
  let running: AbortController | undefined

  const again = async () => {
    running?.abort()
    const mine = (running = new AbortController())
    isLoading.value = true
    try {
      const got = await question(mine.signal)
      if (mine !== running) return
      answer.value = got
      problem.value = undefined
    } catch (caught) {
      if (mine === running && !isAbort(caught)) problem.value = asProblem(caught)
    } finally {
      if (mine === running) isLoading.value = false
    }
  }
  watch(sources, () => void again(), { immediate: true })
  onScopeDispose(() => running?.abort())
  return { answer, problem, isLoading, again }
}

/** Follows `source` once it has rested for `wait_ms`. */
export function useDebounced<T>(source: () => T, wait_ms = 250): ShallowRef<T> {
  const rested = shallowRef(source()) as ShallowRef<T>
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(source, (value) => {
    clearTimeout(timer)
    timer = setTimeout(() => (rested.value = value), wait_ms)
  })
  onScopeDispose(() => clearTimeout(timer))
  return rested
}
