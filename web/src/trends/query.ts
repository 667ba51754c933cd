import type { LocationQuery, RouteLocationRaw } from 'vue-router'

/** What of a trend can be shared as an address: its points, and a fixed period or the newest `span`. */
export interface TrendView {
  points: string[]
  /** Null: follows the clock, showing the newest `span_ms`. */
  from_ms: number | null
  span_ms: number
  /** No period was asked for: shows the last day, or less when there is not that much yet. */
  isOpen?: boolean
}

export const hour_ms = 3_600_000
export const shortest_ms = 2_000
export const longest_ms = 20 * 365 * 24 * hour_ms
export const points_max = 20

/** The tail of the address; several points are joined with commas, which no code contains. */
export function queryOf(view: TrendView): Record<string, string> {
  if (view.isOpen) return { points: view.points.join(',') }
  const period: Record<string, string> = view.from_ms === null ? { span: String(view.span_ms) } : { from: String(Math.round(view.from_ms)), span: String(Math.round(view.span_ms)) }
  return { points: view.points.join(','), ...period }
}

/** Reads the address; what is missing or senseless becomes the last day. */
export function viewOf(query: LocationQuery): TrendView {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : '')
  const from = Number(text('from'))
  const span = Number(text('span'))
  return {
    points: [...new Set(text('points').split(',').filter(Boolean))].slice(0, points_max),
    from_ms: from > 0 ? from : null,
    span_ms: span > 0 ? clampSpan(span) : 24 * hour_ms,
    ...(span > 0 ? {} : { isOpen: true }),
  }
}

export function clampSpan(span_ms: number): number {
  return Math.min(Math.max(span_ms, shortest_ms), longest_ms)
}

/** The address of the trend page with these points, following the clock. */
export function trendLink(points: readonly string[]): RouteLocationRaw {
  return { name: 'trend', query: queryOf({ points: [...points], from_ms: null, span_ms: 24 * hour_ms, isOpen: true }) }
}

/** How long a period shows everything since `first_ms` with some air; the view's own when that is not much shorter. */
export function fittingSpan(view: TrendView, first_ms: number, now_ms: number): number {
  const needed_ms = Math.max(1.1 * (now_ms - first_ms), 10 * 60_000)
  return needed_ms < view.span_ms / 2 ? needed_ms : view.span_ms
}
