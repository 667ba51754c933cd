import type { Feature, FeatureCollection } from 'geojson'
import type { Geometry } from '@/api'

export type SymbolShape = 'circle' | 'square' | 'factory'

export type SymbolLook = 'plain' | 'hollow' | 'silent' | 'low' | 'high' | 'critical'

export interface MapArea {
  code: string
  geometry: Geometry
  /** Grey when plain; coloured only when something is wrong. */
  look: 'plain' | 'cold' | 'hot' | 'silent'
}

export interface MapLine {
  code: string
  geometry: Geometry
  width: number
}

export interface MapSymbol {
  code: string
  title: string
  geometry: Geometry
  shape: SymbolShape
  look: SymbolLook
  /** Large symbols are named from afar. */
  isLarge: boolean
}

type Position = [longitude: number, latitude: number]

export function positionsOf(geometry: Geometry): Position[] {
  const found: Position[] = []
  const walk = (node: unknown): void => {
    if (!Array.isArray(node)) return
    if (typeof node[0] === 'number' && typeof node[1] === 'number') found.push([node[0], node[1]])
    else node.forEach(walk)
  }
  walk(geometry.coordinates)
  return found
}

export interface Bounds {
  west: number
  south: number
  east: number
  north: number
}

/** The box around all of them; nothing when there is none. */
export function boundsOf(geometries: readonly Geometry[]): Bounds | undefined {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
  for (const geometry of geometries) {
    for (const [longitude, latitude] of positionsOf(geometry)) {
      box.west = Math.min(box.west, longitude)
      box.east = Math.max(box.east, longitude)
      box.south = Math.min(box.south, latitude)
      box.north = Math.max(box.north, latitude)
    }
  }
  return box.west <= box.east ? box : undefined
}

export function featuresOf<T extends { code: string; geometry: Geometry }>(items: readonly T[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: items.map(({ geometry, ...properties }) => ({ type: 'Feature', geometry: geometry as unknown as Feature['geometry'], properties })),
  }
}

/** Degrees to a flat picture: x right, y down, true to shape at the middle latitude. */
export function flatten(bounds: Bounds, width: number, height: number): (position: Position) => [x: number, y: number] {
  const shrink = Math.cos((((bounds.south + bounds.north) / 2) * Math.PI) / 180)
  const wide = Math.max((bounds.east - bounds.west) * shrink, 1e-9)
  const high = Math.max(bounds.north - bounds.south, 1e-9)
  const scale = Math.min(width / wide, height / high) * 0.94
  const left = (width - wide * scale) / 2
  const top = (height - high * scale) / 2
  return ([longitude, latitude]) => [left + (longitude - bounds.west) * shrink * scale, top + (bounds.north - latitude) * scale]
}
