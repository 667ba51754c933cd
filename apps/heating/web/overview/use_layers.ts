import { computed } from 'vue'
import { isSilent, type RecordItem } from '@/api'
import type { MapArea, MapLine, MapSymbol, SymbolLook } from '@/map'
import { deviationOf } from '@/widgets'
import type { LiveCity } from './use_city'
import { comfort_c } from './use_rooms'

const stopped_mw = 0.001

/** What the map shows of the city; a layer stays the same object while nothing in it looks different. */
export function useLayers(live: LiveCity, roomMeanOf: (owner: string) => number | undefined) {
  const { city, valueOf, shapeOf, usable } = live
  const placed = (records: readonly RecordItem[] | undefined) => (records ?? []).flatMap((record) => (record.geometry ? [{ record, geometry: record.geometry }] : []))

  const lookOfStation = (code: string): SymbolLook => {
    const name = 'secondary_supply_temperature'
    const value = valueOf(`${code}/${name}`)
    if (!value || isSilent(value.quality) || value.value === null) return 'silent'
    const deviation = deviationOf(value, shapeOf('station', name) ?? {})
    if (deviation !== 'none') return deviation
    return (usable(`${code}/heat_power`) ?? 1) < stopped_mw ? 'hollow' : 'plain'
  }
  const lookOfSource = (code: string): SymbolLook => {
    const value = valueOf(`${code}/heat_power`)
    if (!value || isSilent(value.quality)) return 'silent'
    return (value.value ?? 0) < 0.1 ? 'hollow' : 'plain'
  }
  const lookOfBuilding = (code: string): MapArea['look'] => {
    const room_c = roomMeanOf(code)
    if (room_c !== undefined && room_c < comfort_c) return 'cold'
    const deviation = deviationOf(valueOf(`${code}/supply_temperature`), shapeOf('building', 'supply_temperature') ?? {})
    return deviation === 'low' ? 'cold' : deviation === 'high' ? 'hot' : 'plain'
  }

  const areas = computed<MapArea[]>((before) =>
    unchanged(
      before,
      placed(city.value?.buildings).map(({ record, geometry }) => ({ code: record.code, geometry, look: lookOfBuilding(record.code) })),
    ),
  )
  const lines = computed<MapLine[]>(() => placed(city.value?.pipes).map(({ record, geometry }) => ({ code: record.code, geometry, width: 1 + Number(record.diameter_mm ?? 200) / 250 })))
  const symbols = computed<MapSymbol[]>((before) =>
    unchanged(before, [
      ...placed(city.value?.stations).map(({ record, geometry }) => ({ code: record.code, title: record.title, geometry, shape: 'circle' as const, look: lookOfStation(record.code), isLarge: false })),
      ...placed(city.value?.sources).map(({ record, geometry }) => ({ code: record.code, title: record.title, geometry, shape: 'factory' as const, look: lookOfSource(record.code), isLarge: true })),
    ]),
  )
  return { areas, lines, symbols }
}

function unchanged<T extends { code: string; look: string }>(before: T[] | undefined, now: T[]): T[] {
  const same = before?.length === now.length && now.every((item, index) => item.code === before[index]?.code && item.look === before[index].look)
  return same && before ? before : now
}
