import { describe, expect, it } from 'vitest'
import { decodeSeries } from './samples'

interface Written {
  point: string
  times: { first_ms: number; tick_ms: number; ticks: number[] } | number[]
  values: { places: number; numbers: number[] } | number[]
  quality: number | number[]
}

const no_value = -2_147_483_648

/** Writes NSB2 as docs/api.md describes it. */
function encode(series: Written[]): ArrayBuffer {
  const parts: number[] = []
  const put = (bytes: number, write: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(bytes))
    write(view)
    parts.push(...new Uint8Array(view.buffer))
  }
  const u8 = (value: number) => parts.push(value)
  const u16 = (value: number) => put(2, (view) => view.setUint16(0, value, true))
  const u32 = (value: number) => put(4, (view) => view.setUint32(0, value, true))
  const i32 = (value: number) => put(4, (view) => view.setInt32(0, value, true))
  const f64 = (value: number) => put(8, (view) => view.setFloat64(0, value, true))
  const fill = () => {
    while (parts.length % 8) u8(0)
  }
  parts.push(...new TextEncoder().encode('NSB2'))
  u32(series.length)
  f64(0)
  for (const { point, times, values, quality } of series) {
    const code = new TextEncoder().encode(point)
    u32(Array.isArray(times) ? times.length : times.ticks.length)
    u16(code.length)
    u8(Array.isArray(times) ? 0 : 1)
    u8(Array.isArray(quality) ? 1 : 0)
    f64(Array.isArray(times) ? (times[0] ?? 0) : times.first_ms)
    f64(Array.isArray(times) ? 0 : times.tick_ms)
    u16(1)
    u8(0)
    u8(Array.isArray(quality) ? 0 : quality)
    u32(0)
    parts.push(...code)
    fill()
    if (Array.isArray(times)) times.forEach(f64)
    else times.ticks.forEach(u32)
    fill()
    u8(Array.isArray(values) ? 0 : 1)
    u8(Array.isArray(values) ? 0 : values.places)
    fill()
    if (Array.isArray(values)) values.forEach(f64)
    else values.numbers.forEach(i32)
    fill()
    if (Array.isArray(quality)) parts.push(...quality)
    fill()
  }
  return new Uint8Array(parts).buffer
}

describe('decodeSeries', () => {
  it('reads several series, packed and plain', () => {
    const [first, second] = decodeSeries(
      encode([
        { point: 'xc.s01/flow', times: { first_ms: 1000, tick_ms: 500, ticks: [0, 2, 3] }, values: { places: 1, numbers: [15, no_value, -3] }, quality: [0, 131, 0] },
        { point: 'xc.s01.n1/p', times: [1500, 1_500_000_000_000], values: [-2, 1e-9], quality: 34 },
      ]),
    )
    expect(first?.point).toBe('xc.s01/flow')
    expect([...(first?.time_ms ?? [])]).toEqual([1000, 2000, 2500])
    expect([...(first?.value ?? [])]).toEqual([1.5, Number.NaN, -0.3])
    expect([...(first?.quality ?? [])]).toEqual([0, 131, 0])
    expect([...(second?.time_ms ?? [])]).toEqual([1500, 1_500_000_000_000])
    expect([...(second?.value ?? [])]).toEqual([-2, 1e-9])
    expect([...(second?.quality ?? [])]).toEqual([34, 34])
  })

  it('reads an empty answer', () => expect(decodeSeries(encode([]))).toEqual([]))

  it.each([
    ['nothing', new ArrayBuffer(0)],
    ['another format', new TextEncoder().encode('{"series":[]}    ').buffer as ArrayBuffer],
    ['a cut one', encode([{ point: 'a/b', times: [1], values: [2], quality: 0 }]).slice(0, -8)],
  ])('refuses %s', (_, bytes) => expect(() => decodeSeries(bytes)).toThrow(RangeError))
})
