import { addressOf, ask } from './client'

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

/** Samples reduced so that `columns` pixels look as if all had been drawn. */
export async function readDrawing(query: SampleQuery, signal?: AbortSignal): Promise<Series[]> {
  const response = await ask('get', '/api/v1/samples', {
    query: {
      points: query.points.join(','),
      from: String(Math.floor(query.from_ms)),
      to: String(Math.ceil(query.to_ms)),
      columns: Math.min(Math.max(10, Math.round(query.columns)), 10_000),
      kind: 'drawing',
      format: 'binary',
    },
    signal,
  })
  return decodeSeries(await response.arrayBuffer())
}

/** Where the same period can be had as CSV, every sample. */
export function csvAddress(points: readonly string[], from_ms: number, to_ms: number): string {
  return addressOf('/api/v1/samples', {}, { points: points.join(','), from: Math.floor(from_ms), to: Math.ceil(to_ms), kind: 'raw', format: 'csv' })
}

const magic = 'NSB1'

/**
 * Reads the server's binary series: "NSB1", u32 number of series; each u16 length of code, code, u32 n, n × f64 time, n × f64 value,
 * n × u8 quality; little-endian, unpadded. Throws a RangeError when the bytes end early or do not begin so.
 */
export function decodeSeries(bytes: ArrayBuffer): Series[] {
  const view = new DataView(bytes)
  const text = new TextDecoder()
  if (bytes.byteLength < 8 || text.decode(bytes.slice(0, 4)) !== magic) throw new RangeError(`${bytes.byteLength} bytes that do not begin with ${magic}`)
  let offset = 8
  const decodeOne = (): Series => {
    const codeLength = view.getUint16(offset, true)
    const point = text.decode(new Uint8Array(bytes, offset + 2, codeLength))
    offset += 2 + codeLength
    const count = view.getUint32(offset, true)
    offset += 4
    const time_ms = new Float64Array(bytes.slice(offset, offset + 8 * count))
    const value = new Float64Array(bytes.slice(offset + 8 * count, offset + 16 * count))
    const quality = new Uint8Array(bytes, offset + 16 * count, count)
    offset += 17 * count
    return { point, time_ms, value, quality }
  }
  return Array.from({ length: view.getUint32(4, true) }, decodeOne)
}
