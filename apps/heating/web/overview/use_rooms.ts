import { computed } from 'vue'
import { mean } from '../statistics'
import type { LiveCity } from './use_city'

export const comfort_c = 18

/** Rooms by the building and the station that heat them. */
export function useRooms({ city, usable }: LiveCity) {
  const groups = computed(() => {
    const owners = new Set([...(city.value?.stations ?? []), ...(city.value?.buildings ?? [])].map((record) => record.code))
    const byOwner = new Map<string, string[]>()
    for (const room of city.value?.rooms ?? []) {
      for (const owner of ancestorsOf(room)) {
        if (!owners.has(owner)) continue
        const rooms = byOwner.get(owner) ?? []
        rooms.push(room)
        byOwner.set(owner, rooms)
      }
    }
    return byOwner
  })
  const usableRooms = (codes: readonly string[]) => codes.map(usable).filter((value) => value !== undefined)
  const meanOf = (owner: string) => mean(usableRooms(groups.value.get(owner) ?? []))
  const all = computed(() => usableRooms(city.value?.rooms ?? []))
  const figures = computed(() => ({
    mean: mean(all.value),
    lowest: all.value.length ? all.value.reduce((least, value) => Math.min(least, value)) : undefined,
    warm_percent: all.value.length ? (100 * all.value.filter((value) => value >= comfort_c).length) / all.value.length : undefined,
    count: all.value.length,
  }))
  return { meanOf, figures }
}

/** "a.b.c" → "a.b", "a": the codes of all records above this record or point's record, nearest first. */
export function ancestorsOf(code: string): string[] {
  const labels = code.split('.')
  return labels.slice(1).map((_, index) => labels.slice(0, labels.length - 1 - index).join('.'))
}
