import { call } from './client'
import type { Page, RecordItem, RecordQuery, RecordType } from './types'

let typesAsked: Promise<RecordType[]> | undefined

/** All types; asked once, they are fixed while the server runs. */
export function listTypes(): Promise<RecordType[]> {
  typesAsked ??= call('get', '/api/v1/types')
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

// The description knows each type's record by itself; pages that show any type take them all as RecordItem.

export async function listRecords(type: string, query: RecordQuery = {}, signal?: AbortSignal): Promise<Page<RecordItem>> {
  const page = await call('get', '/api/v1/records/{type}', { at: { type }, query, signal })
  return page as Page<RecordItem>
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

export async function getRecord(type: string, code: string): Promise<RecordItem> {
  return (await call('get', '/api/v1/records/{type}/{code}', { at: { type, code } })) as RecordItem
}

export async function createRecord(record: RecordItem): Promise<RecordItem> {
  return (await call('post', '/api/v1/records/{type}', { at: { type: record.type }, body: record as never })) as RecordItem
}

export async function changeRecord(type: string, code: string, changes: Record<string, unknown>): Promise<RecordItem> {
  return (await call('patch', '/api/v1/records/{type}/{code}', { at: { type, code }, body: changes as never })) as RecordItem
}

export async function deleteRecord(type: string, code: string): Promise<void> {
  await call('delete', '/api/v1/records/{type}/{code}', { at: { type, code } })
}

export async function typeOfRecord(code: string): Promise<string> {
  return (await call('get', '/api/v1/record-types/{code}', { at: { code } })).type
}
