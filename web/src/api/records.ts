import { get, send, tail, type Query } from './client'
import type { Page, RecordItem, RecordType } from './types'

export interface RecordQuery extends Query {
  filter?: string
  under?: string
  search?: string
  sort?: string
  limit?: number
  after?: string
  fields?: string
  count?: boolean
}

let typesAsked: Promise<RecordType[]> | undefined

/** All types; asked once, they are fixed while the server runs. */
export function listTypes(): Promise<RecordType[]> {
  typesAsked ??= get<{ items: RecordType[] }>('/types')
    .then((page) => page.items)
    .catch((caught: unknown) => {
      typesAsked = undefined
      throw caught
    })
  return typesAsked
}

export async function findType(name: string): Promise<RecordType | undefined> {
  return (await listTypes()).find((type) => type.name === name)
}

export function listRecords(type: string, query: RecordQuery = {}, signal?: AbortSignal): Promise<Page<RecordItem>> {
  return get(`/records/${tail(type)}`, query, signal)
}

/** Every record that answers, page after page, up to `bound`. */
export async function listAllRecords(type: string, query: RecordQuery = {}, bound = 10_000): Promise<RecordItem[]> {
  const found: RecordItem[] = []
  let after = ''
  do {
    const page = await listRecords(type, { limit: 1000, ...query, after })
    found.push(...page.items)
    after = page.next ?? ''
  } while (after && found.length < bound)
  return found
}

export function getRecord(type: string, code: string): Promise<RecordItem> {
  return get(`/records/${tail(type)}/${tail(code)}`)
}

export function createRecord(record: RecordItem): Promise<RecordItem> {
  return send('POST', `/records/${tail(record.type)}`, record)
}

export function changeRecord(type: string, code: string, changes: Record<string, unknown>): Promise<RecordItem> {
  return send('PATCH', `/records/${tail(type)}/${tail(code)}`, changes)
}

export function deleteRecord(type: string, code: string): Promise<void> {
  return send('DELETE', `/records/${tail(type)}/${tail(code)}`)
}

export async function typeOfRecord(code: string): Promise<string> {
  return (await get<{ type: string }>(`/record-types/${tail(code)}`)).type
}
