import { computed, shallowRef } from 'vue'
import { findType, isBad, listAllRecords, type PointShape, type RecordItem } from '@/api'
import { useLivePoints } from '@/live'
import { useAsk } from '@/widgets'
import { strangeness, usualOf } from '../statistics'

export const measures = [
  'heat_power',
  'primary_supply_temperature',
  'primary_return_temperature',
  'primary_flow',
  'secondary_supply_temperature',
  'secondary_return_temperature',
  'secondary_supply_pressure',
  'secondary_return_pressure',
  'secondary_flow',
  'makeup_flow',
] as const
export type Measure = (typeof measures)[number]

/** What grows with a station's size is compared a square metre. */
const extensive: readonly Measure[] = ['heat_power', 'primary_flow', 'secondary_flow', 'makeup_flow']

async function load() {
  const [stations, type] = await Promise.all([listAllRecords('station', { fields: 'title,address,heated_area_m2' }), findType('station')])
  return { stations, shapes: new Map(type?.points.map((point) => [point.name, point])) }
}

export interface Order {
  by: Measure | 'title'
  isDescending: boolean
}

/** Stations × measures, live, with what is usual among the stations for each measure. */
export function useMatrix(words: () => string) {
  const { answer, problem, isLoading, again } = useAsk(load)
  const { valueOf, isStale } = useLivePoints(() => answer.value?.stations.flatMap((station) => measures.map((measure) => `${station.code}/${measure}`)) ?? [])
  const order = shallowRef<Order>({ by: 'title', isDescending: false })

  const shapeOf = (measure: Measure): PointShape | undefined => answer.value?.shapes.get(measure)
  const usable = (station: string, measure: Measure): number | undefined => {
    const live = valueOf(`${station}/${measure}`)
    return live && live.value !== null && !isBad(live.quality) ? live.value : undefined
  }
  const comparable = (station: RecordItem, measure: Measure): number | undefined => {
    const value = usable(station.code, measure)
    if (value === undefined || !extensive.includes(measure)) return value
    const area_m2 = Number(station.heated_area_m2)
    return area_m2 > 0 ? value / area_m2 : undefined
  }
  const usual = computed(() => new Map(measures.map((measure) => [measure, usualOf((answer.value?.stations ?? []).map((station) => comparable(station, measure)).filter((value) => value !== undefined))])))
  const strangenessOf = (station: RecordItem, measure: Measure): number => {
    const value = comparable(station, measure)
    return value === undefined ? 0 : strangeness(value, usual.value.get(measure))
  }
  const compare = (a: RecordItem, b: RecordItem): number => {
    const { by } = order.value
    if (by === 'title') return a.code.localeCompare(b.code)
    return (usable(a.code, by) ?? -Infinity) - (usable(b.code, by) ?? -Infinity)
  }
  const rows = computed(() => {
    const wanted = words().trim().toLowerCase()
    const found = (answer.value?.stations ?? []).filter((station) => `${station.title} ${station.code} ${String(station.address ?? '')}`.toLowerCase().includes(wanted))
    const sorted = found.sort(compare)
    return order.value.isDescending ? sorted.reverse() : sorted
  })
  const sortBy = (by: Order['by']) => (order.value = { by, isDescending: order.value.by === by ? !order.value.isDescending : by !== 'title' })
  return { rows, order, sortBy, valueOf, isStale, shapeOf, strangenessOf, problem, isLoading, again }
}
