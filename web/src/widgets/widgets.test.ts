// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import { Problem, qualityCode, type PointShape } from '@/api'
import { createLocale } from '@/locale'
import AnalogBar from './AnalogBar.vue'
import Quantity from './Quantity.vue'
import { deviationOf, stateOf } from './judgement'
import { useAsk } from './use_ask'

const temperature: PointShape = { name: 't', title: { zh: '供温', en: 'Supply' }, kind: 'analog', unit: '℃', decimals: 1, minimum: 0, maximum: 110, low_limit: 30, high_limit: 75 }
const running: PointShape = { name: 'r', title: { zh: '状态', en: 'State' }, kind: 'state', states: [{ value: '0', title: { zh: '停止', en: 'Stopped' } }, { value: '1', title: { zh: '运行', en: 'Running' } }] }
const live = (value: number | null, quality = 'good') => ({ value, quality: qualityCode(quality), time_ms: 1_768_465_800_000 })

function quantity(shape: PointShape, value: ReturnType<typeof live> | undefined, language: 'zh-CN' | 'en' = 'zh-CN') {
  return mount(Quantity, { props: { shape, live: value }, global: { plugins: [createLocale(language)] } })
}

describe('a quantity', () => {
  it('has its decimals and unit and no mark while it is good', () => {
    const shown = quantity(temperature, live(46.04))
    expect(shown.text()).toBe('46.0℃')
    expect(shown.find('.mark').exists()).toBe(false)
  })

  it('says the word of a state, in the reader’s language', () => {
    expect(quantity(running, live(1)).text()).toBe('运行')
    expect(quantity(running, live(0), 'en').text()).toBe('Stopped')
  })

  it('is coloured and pointed up or down beyond its limits, never by colour alone', () => {
    expect(quantity(temperature, live(80)).text()).toContain('▲')
    expect(quantity(temperature, live(20)).find('.deviation-low').exists()).toBe(true)
  })

  it.each([
    ['manual', '✎'],
    ['estimated', '≈'],
    ['frozen', '?'],
  ])('that is %s is marked %s', (quality, mark) => expect(quantity(temperature, live(46, quality)).text()).toContain(mark))

  it('that is bad is hatched and says why', () => {
    const mark = quantity(temperature, live(850, 'wire_break'), 'en').get('.mark.bad')
    expect(mark.attributes('title')).toBe('Wire break')
  })

  it('never seen is a dash', () => expect(quantity(temperature, undefined).text()).toContain('—'))
})

describe('judging', () => {
  it('finds no deviation in what cannot be trusted', () => expect(deviationOf(live(850, 'range'), temperature)).toBe('none'))
  it('tells silent from broken', () => {
    expect(stateOf(live(46, 'communication'))).toBe('silent')
    expect(stateOf(live(46, 'device_fault'))).toBe('bad')
    expect(stateOf(live(null, 'never'))).toBe('none')
  })
})

describe('the bar', () => {
  it('keeps its hand inside', () => {
    const hand = (value: number) => Number(mount(AnalogBar, { props: { shape: temperature, live: live(value) } }).get('.hand').attributes('x'))
    expect(hand(-100)).toBe(0)
    expect(hand(500)).toBe(96)
    expect(hand(52.5)).toBeCloseTo(48)
  })

  it('is not drawn for what has no range', () => {
    const shown = mount(AnalogBar, { props: { shape: { ...temperature, minimum: null, maximum: null, low_limit: null, high_limit: null }, live: live(1) } })
    expect(shown.find('svg').exists()).toBe(false)
  })
})

describe('asking', () => {
  it('keeps the answer to the newest question, however late the older one comes', async () => {
    const words = shallowRef('old')
    const waiting = new Map<string, (answer: string) => void>()
    const scope = effectScope()
    const asked = scope.run(() => useAsk(() => new Promise<string>((resolve) => waiting.set(words.value, resolve)), [words]))
    words.value = 'new'
    await nextTick()
    waiting.get('new')?.('new answer')
    waiting.get('old')?.('old answer')
    await new Promise((done) => setTimeout(done))
    expect(asked?.answer.value).toBe('new answer')
    expect(asked?.isLoading.value).toBe(false)
    scope.stop()
  })

  it('keeps the last answer beside a problem', async () => {
    const scope = effectScope()
    let fails = false
    const asked = scope.run(() => useAsk(() => (fails ? Promise.reject(new Problem(503, 'unavailable', 'the historian is full')) : Promise.resolve(7))))
    await new Promise((done) => setTimeout(done))
    fails = true
    await asked?.again()
    expect(asked?.problem.value?.detail).toBe('the historian is full')
    expect(asked?.answer.value).toBe(7)
    scope.stop()
  })
})
