import { describe, expect, it } from 'vitest'
import type { SampleQuery, Series } from '@/api'
import { coarsest, finest, levelOf, runsOf, tileColumns, tileLength, tilesOf } from './levels'
import { between, joined, SampleCache } from './sample_cache'

const day_ms = 86_400_000
const start_ms = 1_700_000_000_000

function series(point: string, times: number[]): Series {
  return { point, time_ms: Float64Array.from(times), value: Float64Array.from(times, (time) => time % 97), quality: new Uint8Array(times.length) }
}

describe('levels', () => {
  it.each([2000, 600_000, day_ms, 30 * day_ms, 3652 * day_ms, 20 * 365 * day_ms])('a view of %s ms has a few tiles and a column for each pixel', (span_ms) => {
    const range = { from_ms: start_ms + 12_345, to_ms: start_ms + 12_345 + span_ms }
    const level = levelOf(span_ms)
    const tiles = tilesOf(range, level)
    expect(tiles.length).toBeGreaterThanOrEqual(3)
    expect(tiles.length).toBeLessThanOrEqual(9)
    expect(tiles[0]?.index ?? Infinity).toBeLessThanOrEqual(range.from_ms / tileLength(level))
    const last = tiles.at(-1)?.index ?? -Infinity
    expect((last + 1) * tileLength(level)).toBeGreaterThanOrEqual(range.to_ms)
    const column_ms = tileLength(level) / tileColumns(1300)
    expect(column_ms <= span_ms / 1300 || level === finest).toBe(true)
    expect(level).toBeLessThanOrEqual(coarsest)
  })

  it('tiles that follow each other are asked for at once', () => {
    const tile = (index: number) => ({ level: 20, index })
    expect(runsOf([tile(3), tile(4), tile(7)])).toEqual([[tile(3), tile(4)], [tile(7)]])
  })
})

describe('series', () => {
  it('is cut half-open and joined again', () => {
    const whole = series('a/x', [0, 10, 20, 30])
    expect([...between(whole, 10, 30).time_ms]).toEqual([10, 20])
    expect(joined('a/x', [between(whole, 0, 15), between(whole, 15, 99)])).toEqual(whole)
  })
})

describe('the cache', () => {
  function house() {
    const asked: SampleQuery[] = []
    let now_ms = start_ms + 100 * day_ms
    const read = (query: SampleQuery) => {
      asked.push(query)
      const every_ms = (query.to_ms - query.from_ms) / 100
      return Promise.resolve(query.points.map((point) => series(point, Array.from({ length: 100 }, (_, place) => query.from_ms + place * every_ms))))
    }
    const cache = new SampleCache(read, () => now_ms)
    const pass = (ms: number) => (now_ms += ms)
    return { asked, cache, pass }
  }
  const none = new AbortController().signal
  const view = (from_ms: number, span_ms: number, points = ['a/x']) => ({ points, range: { from_ms, to_ms: from_ms + span_ms }, width_px: 1000 })

  it('asks for a view once, and for what is new when it moves', async () => {
    const { asked, cache } = house()
    await cache.load(view(start_ms, day_ms), none)
    expect(asked.length).toBe(1)
    await cache.load(view(start_ms, day_ms), none)
    expect(asked.length).toBe(1)
    await cache.load(view(start_ms + day_ms / 2, day_ms), none)
    expect(asked.length).toBe(2)
    expect(asked[1]?.from_ms).toBe(asked[0]?.to_ms)
  })

  it('asks for several points at once, and for an added one alone', async () => {
    const { asked, cache } = house()
    await cache.load(view(start_ms, day_ms, ['a/x', 'a/y']), none)
    await cache.load(view(start_ms, day_ms, ['a/x', 'a/y', 'a/z']), none)
    expect(asked.map((query) => query.points)).toEqual([['a/x', 'a/y'], ['a/z']])
  })

  it('has a coarser picture for a view whose own is not there yet', async () => {
    const { cache } = house()
    expect(cache.find(view(start_ms, day_ms))).toBeUndefined()
    await cache.load(view(start_ms, 8 * day_ms), none)
    expect(cache.find(view(start_ms + day_ms, day_ms))?.[0]?.time_ms.length).toBeGreaterThan(0)
    expect(cache.find(view(start_ms + 40 * day_ms, day_ms))).toBeUndefined()
  })

  it('asks again for what was not over yet', async () => {
    const { asked, cache, pass } = house()
    const present = view(start_ms + 99.5 * day_ms, day_ms / 2)
    await cache.load(present, none)
    pass(60_000)
    await cache.load(present, none)
    expect(asked.length).toBe(2)
    expect(asked[1]?.from_ms).toBeGreaterThan(asked[0]?.from_ms ?? Infinity)
  })
})
