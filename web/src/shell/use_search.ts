import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { listPoints, listRecords, type Point, type RecordItem } from '@/api'
import { apps } from './app_list'

export interface Found {
  records: RecordItem[]
  points: Point[]
}

const rest_ms = 200
const types = apps.flatMap((app) => app.searchTypes ?? [])

/** Records and points that match the words, as one types. */
export function useSearch(words: Ref<string>) {
  const found = shallowRef<Found>({ records: [], points: [] })
  const isLoading = shallowRef(false)
  let running: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const search = async (text: string) => {
    running?.abort()
    const mine = (running = new AbortController())
    const records = types.map((type) => listRecords(type, { search: text, limit: 5 }, mine.signal).catch(() => ({ items: [] as RecordItem[] })))
    const points = listPoints({ search: text, limit: 8 }, mine.signal).catch(() => ({ items: [] as Point[] }))
    const answer = { records: (await Promise.all(records)).flatMap((page) => page.items), points: (await points).items }
    if (mine !== running) return
    found.value = answer
    isLoading.value = false
  }
  watch(words, (text) => {
    clearTimeout(timer)
    const wanted = text.trim()
    isLoading.value = wanted !== ''
    if (wanted) timer = setTimeout(() => void search(wanted), rest_ms)
    else found.value = { records: [], points: [] }
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    running?.abort()
  })
  return { found, isLoading }
}
