import { columns_max, type SampleQuery, type Series } from '@/api'
import type { Range } from './gestures'
import { levelOf, runsOf, tileColumns, tileLength, tilesOf, type Tile } from './levels'
import { emptySeries } from './pens'

export type ReadSamples = (query: SampleQuery, signal: AbortSignal) => Promise<Series[]>

interface Held {
  series: Series
  /** When it was read; what was not over yet then may have grown since. */
  read_ms: number
}

const samples_max = 4_000_000
const grown_after_ms = 1000

/** What a view is drawn from: the points over a period, at a picture's width. */
export interface View {
  points: readonly string[]
  range: Range
  width_px: number
}

/** Drawings of points, tile by tile, kept for views near by. The tiles looked at longest ago go first. */
export class SampleCache {
  private readonly tiles = new Map<string, Held>()
  private samples = 0

  constructor(
    private readonly read: ReadSamples,
    private readonly now_ms: () => number,
  ) {}

  /** Reads what is missing of the view. What was asked for is kept even when the view has moved on; `signal` ends the asking. */
  async load(view: View, signal: AbortSignal): Promise<void> {
    const level = levelOf(view.range.to_ms - view.range.from_ms)
    const columns = tileColumns(view.width_px)
    const missing = new Map<string, { run: Tile[]; points: string[] }>()
    for (const point of view.points) {
      for (const run of runsOf(tilesOf(view.range, level).filter((tile) => this.isMissing(point, tile, columns)))) {
        const key = `${run[0]?.index}+${run.length}`
        missing.set(key, { run, points: [...(missing.get(key)?.points ?? []), point] })
      }
    }
    await Promise.all([...missing.values()].map(({ run, points }) => this.readRun(run, points, columns, signal)))
  }

  /** The view's samples at its own level; with tiles missing, at the finest coarser one that is whole; else nothing. */
  find(view: View): Series[] | undefined {
    const level = levelOf(view.range.to_ms - view.range.from_ms)
    const columns = tileColumns(view.width_px)
    for (const candidate of [level, level + 1, level + 2, level + 3, level + 4]) {
      const tiles = tilesOf(view.range, candidate)
      if (view.points.every((point) => tiles.every((tile) => this.tiles.has(keyOf(point, tile, columns))))) {
        return view.points.map((point) => joined(point, tiles.map((tile) => this.use(keyOf(point, tile, columns)))))
      }
    }
    return undefined
  }

  clear(): void {
    this.tiles.clear()
    this.samples = 0
  }

  private isMissing(point: string, tile: Tile, columns: number): boolean {
    const held = this.tiles.get(keyOf(point, tile, columns))
    if (!held) return true
    const end_ms = (tile.index + 1) * tileLength(tile.level)
    return held.read_ms < end_ms && this.now_ms() - held.read_ms > grown_after_ms
  }

  private async readRun(run: readonly Tile[], points: readonly string[], columns: number, signal: AbortSignal): Promise<void> {
    const [first, last] = [run[0], run.at(-1)]
    if (!first || !last) return
    const length = tileLength(first.level)
    const read_ms = this.now_ms()
    const query = { points, from_ms: first.index * length, to_ms: (last.index + 1) * length, columns: Math.min(columns * run.length, columns_max) }
    for (const series of await this.read(query, signal)) {
      run.forEach((tile) => this.hold(keyOf(series.point, tile, columns), { series: between(series, tile.index * length, (tile.index + 1) * length), read_ms }))
    }
  }

  private hold(key: string, held: Held): void {
    this.samples += held.series.time_ms.length - (this.tiles.get(key)?.series.time_ms.length ?? 0)
    this.tiles.delete(key)
    this.tiles.set(key, held)
    for (const [oldest, { series }] of this.tiles) {
      if (this.samples <= samples_max || oldest === key) break
      this.tiles.delete(oldest)
      this.samples -= series.time_ms.length
    }
  }

  private use(key: string): Series {
    const held = this.tiles.get(key)
    if (!held) return emptySeries('')
    this.tiles.delete(key)
    this.tiles.set(key, held)
    return held.series
  }
}

function keyOf(point: string, tile: Tile, columns: number): string {
  return `${tile.level} ${tile.index} ${columns} ${point}`
}

/** Index of the first sample at or after `time_ms`. */
function lowerBound(times: Float64Array, time_ms: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? Infinity) < time_ms) low = middle + 1
    else high = middle
  }
  return low
}

/** The samples from `from_ms` up to, not including, `to_ms`. */
export function between(series: Series, from_ms: number, to_ms: number): Series {
  const first = lowerBound(series.time_ms, from_ms)
  const end = lowerBound(series.time_ms, to_ms)
  return { point: series.point, time_ms: series.time_ms.slice(first, end), value: series.value.slice(first, end), quality: series.quality.slice(first, end) }
}

/** Parts that follow each other, as one series. */
export function joined(point: string, parts: readonly Series[]): Series {
  const length = parts.reduce((sum, part) => sum + part.time_ms.length, 0)
  const whole = { point, time_ms: new Float64Array(length), value: new Float64Array(length), quality: new Uint8Array(length) }
  let at = 0
  for (const part of parts) {
    whole.time_ms.set(part.time_ms, at)
    whole.value.set(part.value, at)
    whole.quality.set(part.quality, at)
    at += part.time_ms.length
  }
  return whole
}
