import { onScopeDispose, shallowRef, watch } from 'vue'
import { asProblem, isAbort, listRecords, type Problem, type RecordItem, type RecordQuery } from '@/api'

const page_size = 200

/** Records that match, page after page as the reader goes down. */
export function useRecordList(question: () => { type: string; query: RecordQuery }) {
  const records = shallowRef<readonly RecordItem[]>([])
  const total = shallowRef<number>()
  const problem = shallowRef<Problem>()
  const isLoading = shallowRef(false)
  let next = ''
  let running: AbortController | undefined

  const load = async (after: string) => {
    running?.abort()
    const mine = (running = new AbortController())
    const { type, query } = question()
    isLoading.value = true
    try {
      const page = await listRecords(type, { ...query, limit: page_size, after, count: after === '' }, mine.signal)
      if (mine !== running) return
      records.value = after ? [...records.value, ...page.items] : page.items
      if (page.count !== undefined) total.value = page.count
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
  watch(question, () => void load(''), { immediate: true, deep: true })
  onScopeDispose(() => running?.abort())
  return { records, total, problem, isLoading, more, again: () => load('') }
}
