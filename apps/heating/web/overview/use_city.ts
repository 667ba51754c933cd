import { computed } from 'vue'
import { findType, isBad, listAllRecords, type PointShape, type RecordItem, type RecordType } from '@/api'
import { useLivePoints } from '@/live'
import { useAsk } from '@/widgets'

export interface City {
  sources: RecordItem[]
  stations: RecordItem[]
  buildings: RecordItem[]
  pipes: RecordItem[]
  /** Codes of all room temperatures. */
  rooms: string[]
  types: ReadonlyMap<string, RecordType>
}

const watched = {
  heat_source: ['heat_power', 'supply_temperature', 'return_temperature', 'flow', 'makeup_flow', 'outdoor_temperature'],
  station: ['heat_power', 'secondary_supply_temperature', 'secondary_return_temperature', 'primary_supply_temperature'],
  building: ['supply_temperature', 'return_temperature'],
} as const
type Watched = keyof typeof watched

async function loadCity(): Promise<City> {
  const types = (Object.keys(watched) as Watched[]).map(findType)
  const [sources, stations, buildings, pipes, sensors, ...found] = await Promise.all([
    listAllRecords('heat_source', { fields: 'title,geometry' }),
    listAllRecords('station', { fields: 'title,geometry' }),
    listAllRecords('building', { fields: 'title,geometry' }),
    listAllRecords('pipe', { fields: 'geometry,diameter_mm' }),
    listAllRecords('room_sensor', { fields: 'code' }),
    ...types,
  ])
  const known = found.filter((type) => type !== undefined)
  return { sources, stations, buildings, pipes, rooms: sensors.map((sensor) => `${sensor.code}/room_temperature`), types: new Map(known.map((type) => [type.name, type])) }
}

/** The whole city: what there is, and what it measures now. */
export function useCity() {
  const { answer: city, problem, isLoading, again } = useAsk(loadCity)
  const codes = computed(() => {
    if (!city.value) return []
    const { sources, stations, buildings, rooms } = city.value
    const ofRecords = [...sources, ...stations, ...buildings].flatMap((record) => watched[record.type as Watched].map((name) => `${record.code}/${name}`))
    return [...ofRecords, ...rooms]
  })
  const { valueOf, isStale } = useLivePoints(codes)
  const shapeOf = (type: string, name: string): PointShape | undefined => city.value?.types.get(type)?.points.find((point) => point.name === name)
  /** A value that can be counted with; nothing when it is bad or missing. */
  const usable = (code: string): number | undefined => {
    const live = valueOf(code)
    return live && live.value !== null && !isBad(live.quality) ? live.value : undefined
  }
  const usableOf = (records: readonly RecordItem[], name: string) => records.map((record) => usable(`${record.code}/${name}`)).filter((value) => value !== undefined)
  return { city, problem, isLoading, again, valueOf, isStale, shapeOf, usable, usableOf }
}

export type LiveCity = ReturnType<typeof useCity>
