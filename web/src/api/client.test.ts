import { describe, expect, it } from 'vitest'
import { addressOf } from './client'
import { partsOf } from './points'
import { asProblem, problemOf } from './problem'
import { isBad, isGood, qualityCode, qualityName, qualityNames } from './quality'

describe('addresses', () => {
  it('leave out what is not asked for', () => {
    expect(addressOf('/api/v1/points', {}, { search: '', under: undefined, writable: false, limit: 50 })).toBe('/api/v1/points?limit=50')
  })

  it('say yes with 1 and keep Chinese', () => {
    expect(addressOf('/api/v1/points', {}, { writable: true, search: '花园' })).toBe('/api/v1/points?writable=1&search=%E8%8A%B1%E5%9B%AD')
  })

  it('carry a point by its record and its name', () => {
    expect(addressOf('/api/v1/points/{code}/{name}', partsOf('xc.s01/supply temperature'))).toBe('/api/v1/points/xc.s01/supply%20temperature')
  })
})

describe('problems', () => {
  it('bring the sentence to its field', async () => {
    const body = { title: 'invalid', detail: 'station x: 1 field is wrong', errors: [{ field: 'heated_area_m2', text: '-5 is below 0' }] }
    const problem = await problemOf(new Response(JSON.stringify(body), { status: 422 }))
    expect(problem.status).toBe(422)
    expect(problem.errorOf('heated_area_m2')).toBe('-5 is below 0')
    expect(problem.errorOf('title')).toBe('')
  })

  it('survive a body that is no JSON', async () => {
    const problem = await problemOf(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))
    expect(problem.title).toBe('Bad Gateway')
  })

  it('include a network that is not there', () => expect(asProblem(new TypeError('failed')).status).toBe(0))
})

describe('qualities', () => {
  it.each(qualityNames)('%s has a code that leads back to it', (name) => expect(qualityName(qualityCode(name))).toBe(name))

  it('fall into three bands', () => {
    expect(isGood(qualityCode('estimated'))).toBe(true)
    expect(isGood(qualityCode('frozen')) || isBad(qualityCode('frozen'))).toBe(false)
    expect(isBad(qualityCode('communication'))).toBe(true)
  })

  it('unknown to us stay in their band', () => {
    expect(qualityName(200)).toBe('device_fault')
    expect(qualityName(5)).toBe('good')
    expect(isBad(qualityCode('something_new'))).toBe(true)
  })
})
