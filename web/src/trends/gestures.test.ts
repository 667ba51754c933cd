import { expect, it } from 'vitest'
import { panned, zoomed } from './gestures'

it('zooming keeps what is under the pointer where it is', () => {
  const range = { from_ms: 1000, to_ms: 2000 }
  const { from_ms, to_ms } = zoomed(range, 0.25, 0.5)
  expect(from_ms + (to_ms - from_ms) * 0.25).toBe(1250)
  expect(to_ms - from_ms).toBe(500)
})

it('panning keeps the length', () => {
  expect(panned({ from_ms: 1000, to_ms: 2000 }, -0.5)).toEqual({ from_ms: 500, to_ms: 1500 })
})
