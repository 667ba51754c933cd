import { describe, expect, it } from 'vitest'
import { mean, median, strangeness, sum, usualOf } from './statistics'

describe('of nothing', () => {
  it('there is no mean, sum or median', () => expect([mean([]), sum([]), median([])]).toEqual([undefined, undefined, undefined]))
})

it('the median is the middle, or between the two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([1, 2, 3, 10])).toBe(2.5)
})

describe('the usual', () => {
  const temperatures = [40, 41, 42, 43, 44, 95]
  it('is not moved by one sick station, which then stands out', () => {
    const usual = usualOf(temperatures)
    expect(usual?.middle).toBe(42.5)
    expect(strangeness(95, usual)).toBeGreaterThan(10)
    expect(Math.abs(strangeness(44, usual))).toBeLessThan(1.5)
  })

  it('says nothing of few stations or of all alike', () => {
    expect(usualOf([1, 2, 3])).toBeUndefined()
    expect(strangeness(9, usualOf([5, 5, 5, 5, 5]))).toBe(0)
  })
})
