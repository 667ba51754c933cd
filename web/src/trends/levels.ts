import type { Range } from './gestures'

/*
 * Time is cut into tiles, at several levels, as a map is: a tile of level n is 2^n ms long. A view takes the level at which four to eight
 * tiles, each for half the picture's width, cover it; so there is always at least one column of samples for each pixel, and a view that
 * moves or comes back finds its tiles again.
 */

export const finest = 16
export const coarsest = 38

export interface Tile {
  level: number
  /** The tile begins at index × its length, counted from 1970. */
  index: number
}

export function tileLength(level: number): number {
  return 2 ** level
}

/** The level whose tiles this period is drawn from. */
export function levelOf(span_ms: number): number {
  return Math.min(Math.max(Math.ceil(Math.log2(span_ms)) - 2, finest), coarsest)
}

/** The tiles that cover the period; at the finest level one more at each side, where the lines' ends come from. */
export function tilesOf(range: Range, level: number): Tile[] {
  const length = tileLength(level)
  const more = level === finest ? 1 : 0
  const first = Math.floor(range.from_ms / length) - more
  const last = Math.ceil(range.to_ms / length) - 1 + more
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, place) => ({ level, index: first + place }))
}

/** Columns of a tile for a picture so wide; the same for pictures of nearly the same width. */
export function tileColumns(width_px: number): number {
  return Math.ceil(Math.max(width_px, 256) / 256) * 128
}

/** Tiles that follow each other, as one period each. */
export function runsOf(tiles: readonly Tile[]): Tile[][] {
  const runs: Tile[][] = []
  for (const tile of tiles) {
    const run = runs.at(-1)
    if (run && run.at(-1)?.index === tile.index - 1) run.push(tile)
    else runs.push([tile])
  }
  return runs
}
