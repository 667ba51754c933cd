import { computed } from 'vue'
import { isBad, listAllPoints, listAllRecords, type Point, type RecordItem } from '@/api'
import { useLivePoints } from '@/live'
import { useAsk } from '@/widgets'

export interface City {
  sources: RecordItem[]
  stations: RecordItem[]
  buildings: RecordItem[]
  pipes: RecordItem[]
  /** By code. */
  points: ReadonlyMap<string, Point>
  rooms: Point[]
}

const sourcePoints = ['heat_power', 'supply_temperature', 'return_temperature', 'flow', 'makeup_flow', 'outdoor_temperature']
const stationPoints = ['heat_power', 'secondary_supply_temperature', 'secondary_return_temperature', 'primary_supply_temperature', 'makeup_flow']
const buildingPoints = ['supply_temperature', 'return_temperature']

async function loadCity(): Promise<City> {
  const named = (type: string, names: readonly string[]) => names.map((name) => listAllPoints({ type, name }))
  const [sources, stations, buildings, pipes, rooms, ...points] = await Promise.all([
    listAllRecords('heat_source'),
    listAllRecords('station'),
    listAllRecords('building'),
    listAllRecords('pipe'),
    listAllPoints({ type: 'room_sensor', name: 'room_temperature' }),
    ...named('heat_source', sourcePoints),
    ...named('station', stationPoints),
    ...named('building', buildingPoints),
  ])
  return { sources, stations, buildings, pipes, rooms, points: new Map(points.flat().map((point) => [point.code, point])) }
}

/** The whole city: what there is, and what it measures now. */
export function useCity() {
  const { answer: city, problem, isLoading, again } = useAsk(loadCity)
  const codes = computed(() => (city.value ? [...city.value.points.keys(), ...city.value.rooms.map((point) => point.code)] : []))
  const { valueOf, isStale } = useLivePoints(codes)
  const pointOf = (record: string, name: string) => city.value?.points.get(`${record}/${name}`)
  /** A value that can be counted with; nothing when it is bad or missing. */
  const usable = (code: string): number | undefined => {
    const live = valueOf(code)
    return live && live.value !== null && !isBad(live.quality) ? live.value : undefined
  }
  const usableOf = (records: readonly RecordItem[], name: string) => records.map((record) => usable(`${record.code}/${name}`)).filter((value) => value !== undefined)
  return { city, problem, isLoading, again, valueOf, isStale, pointOf, usable, usableOf }
}

export type LiveCity = ReturnType<typeof useCity>
