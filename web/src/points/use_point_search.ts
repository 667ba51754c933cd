import { onScopeDispose, shallowRef, watch } from 'vue'
import { asProblem, isAbort, listPoints, type Point, type PointQuery, type Problem } from '@/api'

const page_size = 200

/** Points that match, page after page as the reader goes down; a new question drops the old one's answer. */
export function usePointSearch(query: () => PointQuery) {
  const points = shallowRef<readonly Point[]>([])
  const total = shallowRef<number>()
  const problem = shallowRef<Problem>()
  const isLoading = shallowRef(false)
  let next = ''
  let running: AbortController | undefined

  const load = async (after: string) => {
    running?.abort()
    const mine = (running = new AbortController())
    isLoading.value = true
    try {
      const page = await listPoints({ ...query(), limit: page_size, after }, mine.signal)
      if (mine !== running) return
      points.value = after ? [...points.value, ...page.items] : page.items
      total.value = page.total ?? points.value.length
      next = page.next ?? ''
      problem.value = undefined
    } catch (caught) {
      if (mine === running && !isAbort(caught)) problem.value = asProblem(caught)
    } finally {
      if (mine === running) isLoading.value = false
    }
  }
  const more = () => {
    if (next && !isLoading.value) void load(next)
  }
  watch(query, () => void load(''), { immediate: true, deep: true })
  onScopeDispose(() => running?.abort())
  return { points, total, problem, isLoading, more, again: () => load('') }
}
