import { computed } from 'vue'
import { getRecord, listAllPoints, listAllRecords, type Point, type RecordItem } from '@/api'
import { useAsk } from '@/widgets'

const equipmentTypes = ['heat_exchanger', 'pump', 'valve', 'tank', 'heat_meter'] as const

async function load(code: string) {
  const [station, loops, buildings, points, ...equipment] = await Promise.all([
    getRecord('station', code),
    listAllRecords('loop', { under: code }),
    listAllRecords('building', { under: code }),
    listAllPoints({ under: code }),
    ...equipmentTypes.map((type) => listAllRecords(type, { under: code })),
  ])
  return { station, loops, buildings, points, equipment: equipment.flat() }
}

/** A station with everything that belongs to it. */
export function useStation(code: () => string) {
  const { answer, problem, isLoading, again } = useAsk(() => load(code()), [code])
  const points = computed<ReadonlyMap<string, Point>>(() => new Map(answer.value?.points.map((point) => [point.code, point])))
  const plant = computed(() => {
    const owners = new Set([code(), ...[...(answer.value?.loops ?? []), ...(answer.value?.equipment ?? [])].map((record: RecordItem) => record.code)])
    return answer.value?.points.filter((point) => owners.has(point.record)) ?? []
  })
  return { answer, points, plant, problem, isLoading, again }
}
