import { get, send, tail, type Query } from './client'
import type { NamedValue, Page, Point } from './types'

export interface PointQuery extends Query {
  search?: string
  under?: string
  type?: string
  name?: string
  device?: string
  writable?: boolean
  limit?: number
  after?: string
}

export function listPoints(query: PointQuery, signal?: AbortSignal): Promise<Page<Point>> {
  return get('/points', query, signal)
}

/** Every point that answers, page after page, up to `bound`. */
export async function listAllPoints(query: PointQuery, bound = 20_000): Promise<Point[]> {
  const found: Point[] = []
  let after = ''
  do {
    const page = await listPoints({ limit: 2000, ...query, after })
    found.push(...page.items)
    after = page.next ?? ''
  } while (after && found.length < bound)
  return found
}

export function getPoint(code: string): Promise<Point> {
  return get(`/points/${tail(code)}`)
}

/** Newest values in the order asked; null for points never seen. */
export async function pointValues(points: readonly string[]): Promise<(NamedValue | null)[]> {
  return (await send<{ items: (NamedValue | null)[] }>('POST', '/points/values', { points })).items
}

/** Puts a value by hand in place of the measured one, until released. */
export function substitutePoint(code: string, value: number): Promise<Point> {
  return send('PUT', `/points/${tail(code)}/substitution`, { value })
}

export function releasePoint(code: string): Promise<Point> {
  return send('DELETE', `/points/${tail(code)}/substitution`)
}
