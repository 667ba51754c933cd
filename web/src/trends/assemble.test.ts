import { describe, expect, it } from 'vitest'
import type { Series } from '@/api'
import { alignPens, extremes, gapLimit, indexAt, penTable, periodsOfDoubt, withTail } from './assemble'
import { fittingSpan, hour_ms, queryOf, viewOf } from './query'

function series(samples: [time_ms: number, value: number, quality?: number][]): Series {
  return {
    point: 'a/x',
    time_ms: Float64Array.from(samples, ([time]) => time),
    value: Float64Array.from(samples, ([, value]) => value),
    quality: Uint8Array.from(samples, ([, , quality]) => quality ?? 0),
  }
}

describe('a pen', () => {
  it('breaks where nothing came for long', () => {
    expect(penTable(series([[0, 1], [1000, 2], [9000, 3]]), 4000)).toEqual([
      [0, 1, 1.001, 9],
      [1, 2, null, 3],
    ])
  })

  it('breaks at a bad value, whatever number it carries', () => {
    expect(penTable(series([[0, 1], [1000, 850, 128], [2000, 3]]), Infinity)[1]).toEqual([1, null, 3])
  })

  it('never breaks when its point comes when it comes', () => expect(gapLimit(null, 1000)).toBe(Infinity))
  it('breaks only at what a picture can show', () => expect(gapLimit(1000, 60_000)).toBe(240_000))

  it('keeps its gap when another pen has samples inside it', () => {
    const [, first, second] = alignPens([penTable(series([[0, 1], [9000, 3]]), 4000), penTable(series([[0, 5], [5000, 6], [9000, 7]]), 4000)])
    expect(first?.[1]).toBeNull()
    expect(second?.at(-1)).toBe(7)
  })
})

describe('doubt', () => {
  it('lasts until the next sample and grows together', () => {
    expect(periodsOfDoubt(series([[0, 1], [1000, 1, 131], [2000, 1, 132], [3000, 1], [4000, 1, 34]]))).toEqual([
      { from_ms: 1000, to_ms: 3000, kind: 'bad' },
      { from_ms: 4000, to_ms: 4000, kind: 'doubtful' },
    ])
  })

  it('is what was put in by hand or estimated, and where nothing came', () => {
    expect(periodsOfDoubt(series([[0, 1, 16], [1000, 1, 17], [2000, 1], [9000, 1]]), 5000)).toEqual([
      { from_ms: 0, to_ms: 2000, kind: 'estimated' },
      { from_ms: 2000, to_ms: 9000, kind: 'missing' },
    ])
  })
})

describe('the cursor', () => {
  it.each([
    [-1, -1],
    [0, 0],
    [1500, 1],
    [99_000, 2],
  ])('at %s ms reads sample %s', (time, index) => expect(indexAt(series([[0, 1], [1000, 2], [2000, 3]]), time)).toBe(index))
})

describe('the live tail', () => {
  it('adds only what is newer', () => {
    const grown = withTail(series([[0, 1], [1000, 2]]), [[1000, 9, 0], [2000, 3, 32]])
    expect([...grown.value]).toEqual([1, 2, 3])
    expect([...grown.quality]).toEqual([0, 0, 32])
  })
})

it('extremes leave bad values and what is out of sight', () => {
  expect(extremes(series([[0, -50], [1000, 2], [2000, 5], [3000, 999, 128]]), 500, 5000)).toEqual({ minimum: 2, maximum: 5 })
  expect(extremes(series([]), 0, 1)).toBeUndefined()
})

describe('the address', () => {
  it('says the same view again', () => {
    const view = { points: ['xc.s01/flow', 'xc.s01/p'], from_ms: 1768465800250, span_ms: 3_600_000 }
    expect(viewOf(queryOf(view))).toEqual(view)
    const live = { points: ['a/x'], from_ms: null, span_ms: 60_000 }
    expect(viewOf(queryOf(live))).toEqual(live)
  })

  it('without sense is the last day of nothing', () => {
    expect(viewOf({ span: 'x', from: '-3' })).toEqual({ points: [], from_ms: null, span_ms: 24 * hour_ms, isOpen: true })
  })

  it('without a period shows as much as there is', () => {
    const view = { points: ['a/x'], from_ms: null, span_ms: 24 * hour_ms, isOpen: true }
    const now = 1_768_465_800_000
    expect(fittingSpan(view, now - hour_ms, now)).toBeCloseTo(1.1 * hour_ms)
    expect(fittingSpan(view, now - 1000, now)).toBe(600_000)
    expect(fittingSpan(view, now - 20 * hour_ms, now)).toBe(24 * hour_ms)
  })
})
