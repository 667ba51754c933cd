import { describe, expect, it } from 'vitest'
import { boundsOf, flatten, positionsOf } from './layers'

const area = { type: 'Polygon', coordinates: [[[125.1, 43.8], [125.3, 43.8], [125.3, 43.9], [125.1, 43.8]]] }
const point = { type: 'Point', coordinates: [125.4, 43.7] }

describe('geometry', () => {
  it('gives its positions however deep they lie', () => {
    expect(positionsOf(area)).toHaveLength(4)
    expect(positionsOf(point)).toEqual([[125.4, 43.7]])
    expect(positionsOf({ type: 'Point', coordinates: null })).toEqual([])
  })

  it('has a box around it', () => {
    expect(boundsOf([area, point])).toEqual({ west: 125.1, south: 43.7, east: 125.4, north: 43.9 })
    expect(boundsOf([])).toBeUndefined()
  })
})

describe('the flat picture', () => {
  const place = flatten({ west: 125, south: 43, east: 126, north: 44 }, 800, 600)
  it('has north above south and east right of west', () => {
    expect(place([125.5, 43.9])[1]).toBeLessThan(place([125.5, 43.1])[1])
    expect(place([125.9, 43.5])[0]).toBeGreaterThan(place([125.1, 43.5])[0])
  })

  it('keeps shapes: a degree of longitude is shorter than one of latitude', () => {
    const [west] = place([125, 43.5])
    const [east] = place([126, 43.5])
    const [, south] = place([125.5, 43])
    const [, north] = place([125.5, 44])
    expect((east - west) / (south - north)).toBeCloseTo(Math.cos((43.5 * Math.PI) / 180), 5)
  })
})
