import { describe, expect, it } from 'vitest'
import { formatAge, formatDuration, formatNumber } from './numbers'
import { setPlantTimeZone, timeText } from './times'

describe('formatNumber', () => {
  it.each([
    [23.456, 1, '23.5'],
    [-5, 1, '−5.0'],
    [-0.01, 1, '0.0'],
    [12345.6, 0, '12346'],
    [0.1234, 3, '0.123'],
    [null, 1, ''],
    [Number.NaN, 1, ''],
  ])('%s with %s decimals is "%s"', (value, decimals, text) => expect(formatNumber(value, decimals)).toBe(text))
})

describe('formatAge', () => {
  it.each([
    [-5, 0, 's'],
    [59_999, 59, 's'],
    [60_000, 1, 'min'],
    [7_200_000, 2, 'h'],
    [200_000_000, 2, 'd'],
  ])('%s ms is %s %s', (age, count, unit) => expect(formatAge(age)).toEqual({ count, unit }))
})

it.each([
  [0.17, '0.2 ms'],
  [0, '0 ms'],
  [42.4, '42 ms'],
  [999.4, '999 ms'],
  [1000, '1.0 s'],
])('%s ms are written %s', (duration, text) => expect(formatDuration(duration)).toBe(text))

describe('timeText', () => {
  it('shows the plant’s clock, not the browser’s', () => {
    setPlantTimeZone('Asia/Shanghai')
    expect(timeText('2026-01-15T08:30:00.250Z')).toBe('2026-01-15 16:30:00')
    setPlantTimeZone('UTC')
    expect(timeText(1768465800250)).toBe('2026-01-15 08:30:00')
  })

  it('keeps the zone it had when told one that does not exist', () => {
    setPlantTimeZone('Mars/Olympus')
    expect(timeText(1768465800250)).toBe('2026-01-15 08:30:00')
  })

  it('is empty for no time', () => expect(timeText(null) + timeText(0) + timeText('not a time')).toBe(''))
})
