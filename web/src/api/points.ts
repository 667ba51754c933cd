import { call } from './client'
import type { Page, Point, PointQuery } from './types'

export function listPoints(query: PointQuery, signal?: AbortSignal): Promise<Page<Point>> {
  return call('get', '/api/v1/points', { query, signal })
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

/** "xc.s01.n1/flow" → its record's code and its name. */
export function partsOf(point: string): { code: string; name: string } {
  const slash = point.lastIndexOf('/')
  return { code: point.slice(0, slash), name: point.slice(slash + 1) }
}

export function getPoint(point: string): Promise<Point> {
  return call('get', '/api/v1/points/{code}/{name}', { at: partsOf(point) })
}

/** Puts a value by hand in place of the measured one, until released. */
export function substitutePoint(point: string, value: number): Promise<Point> {
  return call('put', '/api/v1/points/{code}/{name}/substitution', { at: partsOf(point), body: { value } })
}

export function releasePoint(point: string): Promise<Point> {
  return call('delete', '/api/v1/points/{code}/{name}/substitution', { at: partsOf(point) })
}
