/** Mean of the numbers; nothing when there is none. */
export function mean(values: readonly number[]): number | undefined {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined
}

export function sum(values: readonly number[]): number | undefined {
  return values.length ? values.reduce((total, value) => total + value, 0) : undefined
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle]
  return sorted.length % 2 || upper === undefined ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** What is usual in a group of like things: the middle, and how far most lie from it. */
export interface Usual {
  middle: number
  spread: number
}

/** Median and 1.4826 · median absolute deviation, which a few outliers do not move; nothing for fewer than five values. */
export function usualOf(values: readonly number[]): Usual | undefined {
  const middle = median(values)
  if (middle === undefined || values.length < 5) return undefined
  const deviation = median(values.map((value) => Math.abs(value - middle))) ?? 0
  return { middle, spread: 1.4826 * deviation }
}

/** How many spreads a value lies from the usual, with its sign; 0 where that says nothing. */
export function strangeness(value: number, usual: Usual | undefined): number {
  return usual && usual.spread > 0 ? (value - usual.middle) / usual.spread : 0
}
