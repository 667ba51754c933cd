import { describe, expect, it } from 'vitest'
import type { RecordItem } from '@/api'
import { box, layoutMimic, type Mimic } from './layout'

const station = 'xc.s01.n1.h001'
const record = (type: string, tail: string, fields: Record<string, unknown> = {}): RecordItem => ({ type, code: `${station}.${tail}`, title: tail, ...fields })

function mimicOf(loops: number, has: (code: string) => boolean = () => true): Mimic {
  const names = Array.from({ length: loops }, (_, index) => `b${index + 1}`)
  return layoutMimic({
    station,
    loops: names.map((name) => record('loop', name)),
    equipment: [
      record('tank', 'tank1'),
      record('heat_meter', 'meter1'),
      ...names.flatMap((name) => [
        record('heat_exchanger', `${name}.hx1`),
        record('valve', `${name}.valve1`),
        record('pump', `${name}.pump1`, { role: 'circulation' }),
        record('pump', `${name}.makeup1`, { role: 'makeup' }),
      ]),
    ],
    has,
  })
}

const overlap = (a: { x: number; y: number }, b: { x: number; y: number }) => Math.abs(a.x - b.x) < box.width && Math.abs(a.y - b.y) < box.height

describe('the process picture', () => {
  it.each([1, 2, 4])('of %s loops lays no value over another and all inside', (loops) => {
    const { values, width, height } = mimicOf(loops)
    for (const [index, value] of values.entries()) {
      expect(value.x).toBeGreaterThanOrEqual(0)
      expect(value.x + box.width).toBeLessThanOrEqual(width)
      expect(value.y + box.height).toBeLessThanOrEqual(height)
      for (const other of values.slice(index + 1)) expect(overlap(value, other), `${value.code} over ${other.code}`).toBe(false)
    }
  })

  it('has each loop’s equipment once', () => {
    const kinds = mimicOf(2).symbols.map((symbol) => symbol.kind)
    expect(kinds.filter((kind) => kind === 'pump')).toHaveLength(4)
    expect(kinds.filter((kind) => kind === 'exchanger')).toHaveLength(2)
    expect(kinds.filter((kind) => kind === 'tank')).toHaveLength(1)
  })

  it('shows no value that nobody measures', () => {
    const codes = mimicOf(1, (code) => code.endsWith('/opening')).values.map((value) => value.code)
    expect(codes).toEqual([`${station}.b1.valve1/opening`])
  })

  it('without loops is still a picture', () => expect(mimicOf(0).height).toBeGreaterThan(0))
})
