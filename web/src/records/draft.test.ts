import { describe, expect, it } from 'vitest'
import type { RecordType } from '@/api'
import { brokenJson, changesOf, draftOf } from './draft'

const type: RecordType = {
  name: 'device',
  app: 'heating',
  title: { zh: '采集设备', en: 'Device' },
  icon: 'device',
  geometry: 'none',
  device: true,
  fields: [
    { name: 'driver', kind: 'text', title: { zh: '协议驱动', en: 'Driver' } },
    { name: 'floors', kind: 'integer', title: { zh: '层数', en: 'Floors' } },
    { name: 'settings', kind: 'json', title: { zh: '通信参数', en: 'Settings' } },
  ],
  points: [],
}
const record = { type: 'device', code: 'xc.plc1', title: 'PLC', driver: 'modbus_tcp', floors: 6, settings: { port: 502 } }

describe('a form', () => {
  it('that nobody touched changes nothing', () => {
    const before = draftOf(type, record)
    expect(changesOf(type, { ...before }, before)).toEqual({})
  })

  it('sends what was changed and null for what was cleared', () => {
    const before = draftOf(type, record)
    expect(changesOf(type, { ...before, title: 'PLC 2', floors: undefined }, before)).toEqual({ title: 'PLC 2', floors: null })
  })

  it('sends JSON as what it says, not as text', () => {
    const before = draftOf(type, record)
    expect(changesOf(type, { ...before, settings: '{"port":503}' }, before)).toEqual({ settings: { port: 503 } })
  })

  it('knows which field’s JSON is broken', () => {
    expect(brokenJson(type, { settings: '{port' })).toBe('settings')
    expect(brokenJson(type, { settings: '' })).toBe('')
  })
})
