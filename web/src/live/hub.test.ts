import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClientMessage, LiveSocketHandlers } from '@/api'
import { LiveHub } from './hub'

/** A line whose far end the test plays. */
class Line {
  sent: ClientMessage[] = []
  handlers: LiveSocketHandlers[] = []
  frames: (() => void)[] = []

  open = (handlers: LiveSocketHandlers) => {
    this.handlers.push(handlers)
    return { send: (message: ClientMessage) => void this.sent.push(message), close: () => undefined }
  }

  get last(): LiveSocketHandlers {
    const handlers = this.handlers.at(-1)
    if (!handlers) throw new Error('nobody connected')
    return handlers
  }

  hello(): void {
    this.last.received({ op: 'hello', now_ms: Date.now(), version: '1' })
  }

  draw(): void {
    for (const frame of this.frames.splice(0)) frame()
  }

  subscribes() {
    return this.sent.filter((message) => message.op === 'subscribe')
  }
}

async function connected(): Promise<{ line: Line; hub: LiveHub }> {
  const line = new Line()
  const hub = new LiveHub({ open: line.open, frame: (draw) => line.frames.push(draw) })
  hub.start()
  line.hello()
  await Promise.resolve()
  return { line, hub }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('subscribing', () => {
  it('asks for a point once, however many hold it', async () => {
    const { line, hub } = await connected()
    hub.acquire(['a/x', 'a/y'])
    hub.acquire(['a/y', 'a/z'])
    await Promise.resolve()
    expect(line.subscribes().map((message) => message.points)).toEqual([['a/x', 'a/y', 'a/z']])
  })

  it('ends when the last holder has gone', async () => {
    const { line, hub } = await connected()
    hub.acquire(['a/x'])
    hub.acquire(['a/x'])
    await Promise.resolve()
    hub.release(['a/x'])
    await Promise.resolve()
    expect(line.sent.at(-1)?.op).toBe('subscribe')
    hub.release(['a/x'])
    await Promise.resolve()
    expect(line.sent.at(-1)?.op).toBe('unsubscribe')
  })

  it('says everything again in one when most of it is nobody’s', async () => {
    const { line, hub } = await connected()
    const many = Array.from({ length: 500 }, (_, index) => `p${index}/x`)
    hub.acquire(many)
    await Promise.resolve()
    hub.release(many.slice(1))
    await Promise.resolve()
    expect(line.subscribes().at(-1)?.points).toEqual(['p0/x'])
  })
})

describe('scrolling', () => {
  it('never grows into more subscriptions than the server takes', async () => {
    const { line, hub } = await connected()
    for (let row = 0; row < 300; row += 1) {
      hub.acquire([`p${row}/x`])
      hub.release(row < 30 ? [] : [`p${row - 30}/x`])
      await Promise.resolve()
    }
    let open = 0
    let most = 0
    for (const message of line.sent) {
      open += message.op === 'subscribe' ? 1 : message.op === 'unsubscribe' ? -1 : 0
      most = Math.max(most, open)
    }
    expect(most).toBeLessThan(100)
    expect(line.subscribes().length).toBeGreaterThan(0)
  })
})

describe('values', () => {
  it('are shown with the next frame, the newest only', async () => {
    const { line, hub } = await connected()
    hub.acquire(['a/x', 'a/y'])
    await Promise.resolve()
    line.last.received({ op: 'values', id: 's1', now_ms: 0, values: [[1, 1000, 1, 0]] })
    line.last.received({ op: 'values', id: 's1', now_ms: 0, values: [[1, 2000, 2, 32]] })
    expect(hub.valueOf('a/y')).toBeUndefined()
    expect(line.frames).toHaveLength(1)
    line.draw()
    expect(hub.valueOf('a/y')).toEqual({ value: 2, quality: 32, time_ms: 2000 })
  })

  it('that went missing leave the last known one, marked', async () => {
    const { line, hub } = await connected()
    hub.acquire(['a/x'])
    await Promise.resolve()
    line.last.received({ op: 'values', id: 's1', now_ms: 0, values: [[0, 1000, 7, 0]] })
    line.last.received({ op: 'values', id: 's1', now_ms: 0, values: [[0, 1500, null, 131]] })
    line.draw()
    expect(hub.valueOf('a/x')).toEqual({ value: 7, quality: 131, time_ms: 1500 })
  })

  it('of points the server does not know are never seen', async () => {
    const { line, hub } = await connected()
    hub.acquire(['no/such'])
    await Promise.resolve()
    line.last.received({ op: 'subscribed', id: 's1', unknown: ['no/such'] })
    line.draw()
    expect(hub.valueOf('no/such')?.quality).toBe(255)
  })
})

describe('a lost line', () => {
  it('is stale at once, tries again within two seconds and asks for everything again', async () => {
    const { line, hub } = await connected()
    hub.acquire(['a/x'])
    await Promise.resolve()
    line.last.closed(true)
    expect(hub.state.value).toBe('stale')
    vi.advanceTimersByTime(2000)
    expect(line.handlers).toHaveLength(2)
    line.hello()
    expect(hub.state.value).toBe('live')
    expect(hub.reconnects.value).toBe(1)
    expect(line.subscribes().at(-1)?.points).toEqual(['a/x'])
  })

  it('is noticed when nothing comes for ten seconds', async () => {
    const { line, hub } = await connected()
    vi.advanceTimersByTime(9000)
    expect(hub.state.value).toBe('live')
    expect(line.sent.some((message) => message.op === 'ping')).toBe(true)
    vi.advanceTimersByTime(3000)
    expect(hub.state.value).toBe('stale')
  })

  it('waits longer each time, never more than ten seconds', async () => {
    const { line } = await connected()
    for (let round = 0; round < 8; round += 1) {
      line.last.closed(true)
      vi.advanceTimersByTime(10_000)
    }
    expect(line.handlers).toHaveLength(9)
  })
})
