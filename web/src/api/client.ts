import { asProblem, problemOf } from './problem'

export type QueryValue = string | number | boolean | undefined | null
export type Query = Record<string, QueryValue>

const base = '/api/v1'
let sessionEnded: (() => void) | undefined

/** Calls `handler` whenever the server says that nobody is signed in. */
export function onSessionEnded(handler: () => void): void {
  sessionEnded = handler
}

/** `/points/xc.s01/flow?limit=5`; undefined, null, false and "" are left out. */
export function pathWith(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '' || value === false) continue
    search.set(name, value === true ? '1' : String(value))
  }
  const text = search.toString()
  return base + path + (text ? `?${text}` : '')
}

/** A point's or record's code as the tail of a path. */
export function tail(code: string): string {
  return code.split('/').map(encodeURIComponent).join('/')
}

/** Asks and returns the response if it is good; throws a Problem otherwise. */
export async function ask(method: string, path: string, options: { query?: Query; body?: unknown; signal?: AbortSignal } = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-Nuanshu-Request'] = '1'
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  const response = await fetch(pathWith(path, options.query), {
    method,
    headers,
    credentials: 'same-origin',
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal ? { signal: options.signal } : {}),
  }).catch((error: unknown) => {
    throw isAbort(error) ? error : asProblem(error)
  })
  if (response.ok) return response
  if (response.status === 401 && path !== '/session') sessionEnded?.()
  throw await problemOf(response)
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await ask('GET', path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) })
  return (await response.json()) as T
}

export async function send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const response = await ask(method, path, { body })
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** Whether a request ended because we no longer want its answer. */
export function isAbort(caught: unknown): boolean {
  return caught instanceof DOMException && caught.name === 'AbortError'
}
