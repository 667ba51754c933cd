import uPlot from 'uplot'
import { isBad, isGood, isSubstitute, type Series } from '@/api'

export interface PeriodOfDoubt {
  from_ms: number
  to_ms: number
  kind: 'bad' | 'doubtful' | 'estimated' | 'missing'
}

/** Past this silence between two samples a line would lie. Infinite for points that come when they come. */
export function gapLimit(expected_interval_ms: number | null | undefined, column_ms: number): number {
  return expected_interval_ms ? Math.max(4 * expected_interval_ms, 4 * column_ms) : Infinity
}

/** One series as uPlot takes it: seconds and values, null where there is no trustworthy value or nothing came for long. */
export function penTable(series: Series, gap_ms: number): [number[], (number | null)[]] {
  const times: number[] = []
  const values: (number | null)[] = []
  series.time_ms.forEach((time, index) => {
    const before = series.time_ms[index - 1]
    if (before !== undefined && time - before > gap_ms) {
      times.push((before + 1) / 1000)
      values.push(null)
    }
    const value = series.value[index] ?? Number.NaN
    times.push(time / 1000)
    values.push(Number.isNaN(value) || isBad(series.quality[index] ?? 255) ? null : value)
  })
  return [times, values]
}

/** All pens over one time axis. */
export function alignPens(tables: [number[], (number | null)[]][]): uPlot.AlignedData {
  if (tables.length === 0) return [[]]
  return uPlot.join(
    tables,
    tables.map(() => [0, 2]),
  )
}

function doubtOf(quality: number): PeriodOfDoubt['kind'] | undefined {
  if (isBad(quality)) return 'bad'
  if (!isGood(quality)) return 'doubtful'
  return isSubstitute(quality) ? 'estimated' : undefined
}

/** Where a series cannot be fully trusted: each doubt lasts until the next sample; and where nothing came for longer than `gap_ms`. */
export function periodsOfDoubt(series: Series, gap_ms = Infinity): PeriodOfDoubt[] {
  const periods: PeriodOfDoubt[] = []
  series.quality.forEach((quality, index) => {
    const from_ms = series.time_ms[index] ?? 0
    const to_ms = series.time_ms[index + 1] ?? from_ms
    const kind = doubtOf(quality) ?? (to_ms - from_ms > gap_ms ? 'missing' : undefined)
    if (!kind) return
    const last = periods.at(-1)
    if (last && last.kind === kind && last.to_ms >= from_ms) last.to_ms = to_ms
    else periods.push({ from_ms, to_ms, kind })
  })
  return periods
}

/** Index of the newest sample at or before `time_ms`; -1 when all are later. */
export function indexAt(series: Series, time_ms: number): number {
  let low = 0
  let high = series.time_ms.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((series.time_ms[middle] ?? Infinity) <= time_ms) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** `series` with newer samples behind it; what is not newer is left out. */
export function withTail(series: Series, tail: readonly [time_ms: number, value: number, quality: number][]): Series {
  const last = series.time_ms.at(-1) ?? -Infinity
  const newer = tail.filter(([time]) => time > last)
  if (newer.length === 0) return series
  const before = series.time_ms.length
  const grown = {
    point: series.point,
    time_ms: new Float64Array(before + newer.length),
    value: new Float64Array(before + newer.length),
    quality: new Uint8Array(before + newer.length),
  }
  grown.time_ms.set(series.time_ms)
  grown.value.set(series.value)
  grown.quality.set(series.quality)
  newer.forEach(([time, value, quality], index) => {
    grown.time_ms[before + index] = time
    grown.value[before + index] = value
    grown.quality[before + index] = quality
  })
  return grown
}

/** Lowest and highest trusted value between two times. */
export function extremes(series: Series, from_ms: number, to_ms: number): { minimum: number; maximum: number } | undefined {
  let minimum = Infinity
  let maximum = -Infinity
  series.time_ms.forEach((time, index) => {
    const value = series.value[index] ?? Number.NaN
    if (time < from_ms || time > to_ms || Number.isNaN(value) || isBad(series.quality[index] ?? 255)) return
    minimum = Math.min(minimum, value)
    maximum = Math.max(maximum, value)
  })
  return minimum <= maximum ? { minimum, maximum } : undefined
}
