import { expect, it } from 'vitest'
import { ancestorsOf } from './use_rooms'

it('a room belongs to everything above it', () => {
  expect(ancestorsOf('xc.s01.n1.h001')).toEqual(['xc.s01.n1', 'xc.s01', 'xc'])
  expect(ancestorsOf('xc')).toEqual([])
})
