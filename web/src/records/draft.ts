import type { Field, RecordItem, RecordType } from '@/api'

/** What a form holds while it is being filled in: text for JSON, the plain value for the rest. */
export type Draft = Record<string, unknown>

export function draftOf(type: RecordType, record: RecordItem | undefined): Draft {
  const fields = type.fields.map((field) => [field.name, forForm(field, record?.[field.name])] as const)
  return { code: record?.code ?? '', title: record?.title ?? '', ...Object.fromEntries(fields) }
}

function forForm(field: Field, value: unknown): unknown {
  if (field.kind === 'json') return value === undefined || value === null ? '' : JSON.stringify(value, null, 2)
  return value ?? undefined
}

/** What differs from the stored record, ready to be sent; a cleared field is null. Throws a SyntaxError naming no field on broken JSON. */
export function changesOf(type: RecordType, draft: Draft, before: Draft): Record<string, unknown> {
  const kinds = new Map(type.fields.map((field) => [field.name, field.kind]))
  const changed = Object.entries(draft).filter(([name, value]) => !same(value, before[name]))
  return Object.fromEntries(changed.map(([name, value]) => [name, forServer(kinds.get(name), value)]))
}

function same(a: unknown, b: unknown): boolean {
  return (a ?? '') === (b ?? '')
}

function forServer(kind: Field['kind'] | undefined, value: unknown): unknown {
  if (value === '' || value === undefined) return null
  return kind === 'json' ? (JSON.parse(String(value)) as unknown) : value
}

/** The first field whose JSON cannot be read; "" when all can. */
export function brokenJson(type: RecordType, draft: Draft): string {
  const broken = type.fields.find((field) => {
    const text = draft[field.name]
    if (field.kind !== 'json' || !text) return false
    try {
      JSON.parse(String(text))
      return false
    } catch {
      return true
    }
  })
  return broken?.name ?? ''
}
