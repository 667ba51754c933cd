import { asProblem, problemOf } from './problem'
import type { paths } from './schema'

type QueryValue = string | number | boolean | undefined | null
export type Query = Record<string, QueryValue>

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
export type Path = keyof paths

type Operation<P extends Path, M extends Method> = NonNullable<paths[P][M]>
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Q : never
type CapturesOf<O> = O extends { parameters: { path: infer C } } ? C : undefined
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : undefined
type ContentOf<R> = R extends { content: { 'application/json': infer A } } ? A : undefined
type GoodOf<R> = R extends { 200: infer A } ? A : R extends { 201: infer A } ? A : R extends { 202: infer A } ? A : never

export type Answer<P extends Path, M extends Method> = Operation<P, M> extends { responses: infer R } ? ContentOf<GoodOf<R>> : never

export interface Call<P extends Path, M extends Method> {
  /** What stands in the path's braces. */
  at?: CapturesOf<Operation<P, M>>
  query?: QueryOf<Operation<P, M>>
  body?: BodyOf<Operation<P, M>>
  signal?: AbortSignal | undefined
}

let sessionEnded: (() => void) | undefined

/** Calls `handler` whenever the server says that nobody is signed in. */
export function onSessionEnded(handler: () => void): void {
  sessionEnded = handler
}

/** `/api/v1/points/xc.s01/flow?limit=5`: braces filled in; undefined, null, false and "" are left out. */
export function addressOf(path: Path, at: Record<string, string | number> = {}, query: Query = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '' || value === false) continue
    search.set(name, value === true ? '1' : String(value))
  }
  return search.size ? `${filled}?${search.toString()}` : filled
}

/** Asks and returns the response if it is good; throws a Problem otherwise. */
export async function ask<P extends Path, M extends Method>(method: M, path: P, call: Call<P, M> = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'get') headers['X-Nuanshu-Request'] = '1'
  if (call.body !== undefined) headers['Content-Type'] = 'application/json'
  const address = addressOf(path, call.at as Record<string, string | number> | undefined, call.query as Query | undefined)
  const response = await fetch(address, {
    method: method.toUpperCase(),
    headers,
    credentials: 'same-origin',
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.signal ? { signal: call.signal } : {}),
  }).catch((error: unknown) => {
    throw isAbort(error) ? error : asProblem(error)
  })
  if (response.ok) return response
  if (response.status === 401 && path !== '/api/v1/session') sessionEnded?.()
  throw await problemOf(response)
}

/** Asks and reads the answer, of the type that the server's description promises. */
export async function call<P extends Path, M extends Method>(method: M, path: P, options: Call<P, M> = {}): Promise<Answer<P, M>> {
  const response = await ask(method, path, options)
  return (response.status === 204 ? undefined : await response.json()) as Answer<P, M>
}

/** Whether a request ended because we no longer want its answer. */
export function isAbort(caught: unknown): boolean {
  return caught instanceof DOMException && caught.name === 'AbortError'
}
