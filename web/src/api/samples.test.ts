import { describe, expect, it } from 'vitest'
import { decodeSeries } from './samples'

interface Written {
  point: string
  samples: [time_ms: number, value: number, quality: number][]
}

function encode(series: Written[]): ArrayBuffer {
  const parts: number[] = [...new TextEncoder().encode('NSB1')]
  const put = (bytes: number, write: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(bytes))
    write(view)
    parts.push(...new Uint8Array(view.buffer))
  }
  put(4, (view) => view.setUint32(0, series.length, true))
  for (const { point, samples } of series) {
    const code = new TextEncoder().encode(point)
    put(2, (view) => view.setUint16(0, code.length, true))
    parts.push(...code)
    put(4, (view) => view.setUint32(0, samples.length, true))
    for (const [time] of samples) put(8, (view) => view.setFloat64(0, time, true))
    for (const [, value] of samples) put(8, (view) => view.setFloat64(0, value, true))
    for (const [, , quality] of samples) parts.push(quality)
  }
  return new Uint8Array(parts).buffer
}

describe('decodeSeries', () => {
  it('reads several series whose codes leave the numbers unaligned', () => {
    const bytes = encode([
      { point: 'xc.s01/flow', samples: [[1000, 1.5, 0], [2000, Number.NaN, 131]] },
      { point: 'xc.s01.n1/p', samples: [[1500, -2, 34]] },
    ])
    const [first, second] = decodeSeries(bytes)
    expect(first?.point).toBe('xc.s01/flow')
    expect([...(first?.time_ms ?? [])]).toEqual([1000, 2000])
    expect([...(first?.value ?? [])]).toEqual([1.5, Number.NaN])
    expect([...(first?.quality ?? [])]).toEqual([0, 131])
    expect([...(second?.value ?? [])]).toEqual([-2])
  })

  it('reads an empty answer', () => expect(decodeSeries(encode([]))).toEqual([]))

  it.each([
    ['nothing', new ArrayBuffer(0)],
    ['another format', new TextEncoder().encode('{"series":[]}').buffer as ArrayBuffer],
    ['a cut one', encode([{ point: 'a/b', samples: [[1, 2, 0]] }]).slice(0, -3)],
  ])('refuses %s', (_, bytes) => expect(() => decodeSeries(bytes)).toThrow(RangeError))
})
