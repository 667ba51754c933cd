import type { components, operations } from './schema'

/** The server's words, by the names that pages use; the shapes are generated from its own description. */

type Schemas = components['schemas']

export type Title = Schemas['Title']
export type User = Schemas['User']
export type Session = Schemas['Session']
export type Choice = Schemas['Choice']
export type Field = Pick<Schemas['Field'], 'name' | 'title' | 'kind'> & Partial<Schemas['Field']>
export type FieldKind = Field['kind']
export type CommandRules = Schemas['CommandRules']
export type PointType = Schemas['PointType']
export type PointKind = PointType['kind']
export type RecordType = Omit<Schemas['Type'], 'fields'> & { fields: Field[] }
export type Point = Schemas['Point']
export type Command = Schemas['Command']
export type Selection = Schemas['Selection']
export type Device = Schemas['DeviceStatus']
export type DeviceState = Device['state']

/** What a point type and a point have in common: enough to show a value. */
export type PointShape = Pick<PointType, 'name' | 'title' | 'kind'> & Partial<PointType>

/** A point's newest value as REST gives it; `quality` is the name. */
export type NamedValue = Schemas['Value']

export type PointQuery = NonNullable<operations['list_points']['parameters']['query']>
export type RecordQuery = NonNullable<operations['list_records']['parameters']['query']>
export type CommandQuery = NonNullable<operations['list_commands']['parameters']['query']>

export interface Geometry {
  type: string
  coordinates: unknown
}

/** A record of any type; the fields of its type stand beside the built-in ones. */
export interface RecordItem {
  type: string
  code: string
  title: string
  geometry?: Geometry | null
  version?: number
  created_at?: string
  changed_at?: string
  [field: string]: unknown
}

export interface Page<T> {
  items: T[]
  next?: string
  count?: number
  total?: number
}

export type System = Omit<Schemas['System'], 'records' | 'devices'> & {
  records: Record<string, number>
  devices: Record<string, number>
}
