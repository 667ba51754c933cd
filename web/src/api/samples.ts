import { addressOf, ask, call, type Answer } from './client'

/** One point's samples in ascending time; a bad sample's value is NaN. */
export interface Series {
  point: string
  time_ms: Float64Array
  value: Float64Array
  quality: Uint8Array
}

export interface SampleQuery {
  points: readonly string[]
  from_ms: number
  to_ms: number
  columns: number
}

export const columns_max = 10_000

/** Samples reduced so that `columns` pixels look as if all had been drawn. */
export async function readDrawing(query: SampleQuery, signal?: AbortSignal): Promise<Series[]> {
  const response = await ask('get', '/api/v1/samples', {
    query: {
      ...period(query),
      columns: Math.min(Math.max(10, Math.round(query.columns)), columns_max),
      kind: 'drawing',
      format: 'binary',
    },
    signal,
  })
  return decodeSeries(await response.arrayBuffer())
}

/** What can be said of a period in one row; null where there is no usable sample. */
export interface Figures {
  count: number
  bad_count: number
  min: number | null
  max: number | null
  mean: number | null
}

/** The figures of all samples of the period, of each point. */
export async function readFigures(query: Omit<SampleQuery, 'columns'>, signal?: AbortSignal): Promise<ReadonlyMap<string, Figures>> {
  const answer: Answer<'/api/v1/samples', 'get'> = await call('get', '/api/v1/samples', {
    query: { ...period(query), window: 'all', figures: 'count,bad_count,min,max,mean', empty: true },
    signal,
  })
  const rows = answer.series.flatMap((one) => ('rows' in one && one.rows[0] ? [[one.point, one.rows[0]] as const] : []))
  return new Map(rows.map(([point, row]) => [point, { count: row.count ?? 0, bad_count: row.bad_count ?? 0, min: row.min ?? null, max: row.max ?? null, mean: row.mean ?? null }]))
}

/** Where the same period can be had as CSV, every sample. */
export function csvAddress(points: readonly string[], from_ms: number, to_ms: number): string {
  return addressOf('/api/v1/samples.csv', {}, period({ points, from_ms, to_ms }))
}

function period({ points, from_ms, to_ms }: Omit<SampleQuery, 'columns'>) {
  return { points: points.join(','), from: String(Math.floor(from_ms)), to: String(Math.ceil(to_ms)) }
}

const magic = 'NSB2'
const no_value = -2_147_483_648
const filledUp = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** Reads the server's binary series, NSB2 as docs/api.md has it. Throws a RangeError when the bytes end early or do not begin so. */
export function decodeSeries(bytes: ArrayBuffer): Series[] {
  const view = new DataView(bytes)
  const head = new TextDecoder().decode(new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength)))
  if (bytes.byteLength < 16 || head !== magic) throw new RangeError(`${bytes.byteLength} bytes that do not begin with ${magic}`)
  const reader = new BinaryReader(view)
  return Array.from({ length: view.getUint32(4, true) }, () => reader.series())
}

class BinaryReader {
  private offset = 16

  constructor(private readonly view: DataView) {}

  series(): Series {
    const at = this.offset
    const rows = this.view.getUint32(at, true)
    const codeLength = this.view.getUint16(at + 4, true)
    const hasTicks = this.view.getUint8(at + 6) === 1
    const hasQualities = this.view.getUint8(at + 7) === 1
    const first_ms = this.view.getFloat64(at + 8, true)
    const tick_ms = this.view.getFloat64(at + 16, true)
    const columns = this.view.getUint16(at + 24, true)
    const alike = this.view.getUint8(at + 27)
    this.offset += 32
    const point = new TextDecoder().decode(this.bytes(codeLength))
    const time_ms = hasTicks ? Float64Array.from(this.array(Uint32Array, rows), (tick) => first_ms + tick * tick_ms) : this.array(Float64Array, rows).slice()
    const values = Array.from({ length: columns }, () => this.column(rows))
    const quality = hasQualities ? this.bytes(rows).slice() : new Uint8Array(rows).fill(alike)
    return { point, time_ms, value: values[0] ?? new Float64Array(rows).fill(Number.NaN), quality }
  }

  private column(rows: number): Float64Array {
    const isDecimal = this.view.getUint8(this.offset) === 1
    const power = 10 ** this.view.getUint8(this.offset + 1)
    this.offset += 8
    if (!isDecimal) return this.array(Float64Array, rows).slice()
    return Float64Array.from(this.array(Int32Array, rows), (number) => (number === no_value ? Number.NaN : number / power))
  }

  private bytes(length: number): Uint8Array {
    return this.array(Uint8Array, length)
  }

  /** The next array, laid over the answer; what follows it begins at a multiple of 8. */
  private array<T>(Kind: { new (buffer: ArrayBufferLike, offset: number, length: number): T; readonly BYTES_PER_ELEMENT: number }, length: number): T {
    const found = new Kind(this.view.buffer, this.offset, length)
    this.offset += filledUp(length * Kind.BYTES_PER_ELEMENT)
    return found
  }
}
