/** What the server says and takes; the words of docs/api.md. */

export interface Title {
  zh: string
  en: string
}

export interface User {
  name: string
  title: string
  administrator: boolean
}

export interface Session {
  user: User
  expires_at: string
}

export type FieldKind = 'text' | 'long_text' | 'integer' | 'number' | 'boolean' | 'date' | 'date_time' | 'choice' | 'link' | 'json'

export interface Choice {
  value: string
  title: Title
}

export interface Field {
  name: string
  title: Title
  kind: FieldKind
  unit?: string
  required?: boolean
  unique?: boolean
  minimum?: number | null
  maximum?: number | null
  length_max?: number | null
  decimals?: number
  choices?: Choice[]
  link_type?: string
}

export type PointKind = 'analog' | 'state' | 'counter'

export interface CommandRules {
  minimum: number
  maximum: number
  interlock?: string
  interlock_reason?: Title
  read_back?: string
  tolerance?: number
  within_ms?: number
}

/** What a point type and a point have in common: enough to show a value. */
export interface PointShape {
  name: string
  title: Title
  kind: PointKind
  unit?: string
  decimals?: number
  minimum?: number | null
  maximum?: number | null
  low_limit?: number | null
  high_limit?: number | null
  states?: Choice[]
  expected_interval_ms?: number | null
  command?: CommandRules | null
}

export type PointType = PointShape

export interface RecordType {
  name: string
  app: string
  title: Title
  icon: string
  geometry: 'none' | 'point' | 'line' | 'area'
  device: boolean
  fields: Field[]
  points: PointType[]
}

export interface Geometry {
  type: string
  coordinates: unknown
}

/** A record; the fields of its type stand beside the built-in ones. */
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

/** A point's newest value as REST gives it; `quality` is the name. */
export interface NamedValue {
  value: number | null
  quality: string
  time_ms: number
  received_ms?: number
}

export interface Point extends PointShape {
  code: string
  record: string
  record_title: string
  record_type: string
  device?: string
  address?: string
  writable: boolean
  value?: NamedValue | null
}

export interface Command {
  id: string | number
  point: string
  user: string
  value: number
  value_before?: number | null
  quality_before?: string
  selected_at?: string
  executed_at?: string
  written_after_ms?: number | null
  confirmed_after_ms?: number | null
  value_read_back?: number | null
  outcome: 'running' | 'confirmed' | 'not_confirmed' | 'failed'
  reason?: string
}

export interface Selection {
  id: string | number
  point: string
  value: number
  present?: NamedValue | null
  expires_ms: number
}

export type DeviceState = 'starting' | 'online' | 'degraded' | 'offline' | 'misconfigured'

export interface Device {
  code: string
  title: string
  driver: string
  endpoint: string
  state: DeviceState
  state_since_ms: number
  last_answer_ms: number
  requests: number
  answers: number
  timeouts: number
  errors: number
  samples: number
  reconnects: number
  round_trip_ms: number
  last_error: string
  last_error_ms: number
  points: number
  serves: string
}

export interface System {
  version: string
  started_ms: number
  now_ms: number
  time_zone: string
  points: number
  records: { [type: string]: number }
  samples_per_s: number
  devices: { [state: string]: number }
  demo?: boolean
}
