import { shallowRef, type ShallowRef } from 'vue'
import { neverSeen, type ClientMessage, type Command, type LiveSocket, type OpenLiveSocket, type ServerMessage, type ValueRow } from '@/api'

/*
 * One socket for the whole page. Who shows a point holds its cell; a point is subscribed once however many hold it. Newly wanted points
 * go to the server together, as one subscription a turn of the event loop; nobody's points stay in theirs until it is worth
 * saying everything again in one (`compact`). Values are written to the cells once a frame.
 */

export interface LiveValue {
  /** Null when there is none. For a silent point the last known one. */
  value: number | null
  /** Numeric quality, see isGood() and isBad(). */
  quality: number
  time_ms: number
}

export type LineState = 'connecting' | 'live' | 'stale'

interface Cell {
  point: string
  holders: number
  shown: ShallowRef<LiveValue | undefined>
  next: LiveValue | undefined
}

interface Subscription {
  id: string
  cells: (Cell | undefined)[]
}

export interface HubSettings {
  open: OpenLiveSocket
  /** Calls back before the next picture; requestAnimationFrame in a browser. */
  frame: (draw: () => void) => void
  /** Called when the server refuses the connection: the session may be over. */
  refused?: () => void
  every_ms?: number
}

/** The server takes 200 a connection. */
const subscriptions_max = 50
const silence_ms = 10_000
const ping_every_ms = 4_000
const first_retry_ms = 500
const last_retry_ms = 10_000

export class LiveHub {
  readonly state = shallowRef<LineState>('connecting')
  /** The server's clock minus ours, from its latest message. */
  readonly clock_offset_ms = shallowRef(0)
  /** Grows with each connection after the first: what was missed meanwhile has to be asked for. */
  readonly reconnects = shallowRef(0)

  private readonly cells = new Map<string, Cell>()
  private readonly wanted = new Set<Cell>()
  private readonly changed = new Set<Cell>()
  private readonly subscriptions = new Map<string, Subscription>()
  private readonly commandHandlers = new Set<(command: Command) => void>()
  private socket: LiveSocket | undefined
  private heard_ms = 0
  private retries = 0
  private connections = 0
  private lastId = 0
  private timer: ReturnType<typeof setInterval> | undefined
  private retryTimer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly settings: HubSettings) {}

  start(): void {
    if (this.timer !== undefined) return
    this.timer = setInterval(() => this.watchLine(), 1000)
    this.connect()
  }

  /** Closes the line and forgets what was shown. */
  stop(): void {
    clearInterval(this.timer)
    clearTimeout(this.retryTimer)
    this.timer = undefined
    const socket = this.socket
    this.socket = undefined
    socket?.close()
    this.state.value = 'connecting'
  }

  acquire(points: Iterable<string>): void {
    for (const point of points) {
      const cell = this.cells.get(point) ?? this.makeCell(point)
      cell.holders += 1
    }
  }

  release(points: Iterable<string>): void {
    for (const point of points) {
      const cell = this.cells.get(point)
      if (cell) cell.holders -= 1
    }
    queueMicrotask(() => this.dropUnheld())
  }

  /** Reactive: whoever reads it while rendering is rendered again when it changes. */
  valueOf(point: string): LiveValue | undefined {
    return this.cells.get(point)?.shown.value
  }

  /** Calls `handler` whenever a command has ended; returns how to stop that. */
  onCommand(handler: (command: Command) => void): () => void {
    this.commandHandlers.add(handler)
    return () => this.commandHandlers.delete(handler)
  }

  now_ms(): number {
    return Date.now() + this.clock_offset_ms.value
  }

  private makeCell(point: string): Cell {
    const cell: Cell = { point, holders: 0, shown: shallowRef(), next: undefined }
    this.cells.set(point, cell)
    if (this.wanted.size === 0) queueMicrotask(() => this.subscribeWanted())
    this.wanted.add(cell)
    return cell
  }

  private subscribeWanted(): void {
    const cells = [...this.wanted].filter((cell) => cell.holders > 0)
    this.wanted.clear()
    if (this.socket && this.state.value === 'live') this.subscribe(cells)
  }

  private subscribe(cells: readonly Cell[]): void {
    if (cells.length === 0) return
    const id = `s${++this.lastId}`
    this.subscriptions.set(id, { id, cells: [...cells] })
    this.send({ op: 'subscribe', id, points: cells.map((cell) => cell.point), every_ms: this.settings.every_ms ?? 1000 })
  }

  private dropUnheld(): void {
    for (const [point, cell] of this.cells) {
      if (cell.holders <= 0) this.cells.delete(point)
    }
    let places = 0
    for (const subscription of this.subscriptions.values()) {
      subscription.cells = subscription.cells.map((cell) => (cell && cell.holders > 0 ? cell : undefined))
      if (subscription.cells.some(Boolean)) places += subscription.cells.length
      else this.unsubscribe(subscription.id)
    }
    if (places > 2 * this.cells.size + 200 || this.subscriptions.size > subscriptions_max) this.compact()
  }

  private compact(): void {
    for (const id of [...this.subscriptions.keys()]) this.unsubscribe(id)
    this.subscribe([...this.cells.values()])
  }

  private unsubscribe(id: string): void {
    this.subscriptions.delete(id)
    this.send({ op: 'unsubscribe', id })
  }

  private send(message: ClientMessage): void {
    this.socket?.send(message)
  }

  private connect(): void {
    this.heard_ms = Date.now()
    const socket: LiveSocket = this.settings.open({
      opened: () => undefined,
      received: (message) => {
        if (socket === this.socket) this.receive(message)
      },
      closed: (wasOpen) => {
        if (socket === this.socket) this.lineLost(wasOpen)
      },
    })
    this.socket = socket
  }

  private receive(message: ServerMessage): void {
    this.heard_ms = Date.now()
    if ('now_ms' in message) this.followClock(message.now_ms)
    if (message.op === 'hello') this.greet()
    else if (message.op === 'values') this.take(message.id, message.values)
    else if (message.op === 'subscribed') this.markUnknown(message.unknown ?? [])
    else if (message.op === 'command') for (const handler of this.commandHandlers) handler(message.command)
    else if (message.op === 'error') console.warn(`live: ${message.text}`)
  }

  private followClock(now_ms: number): void {
    const offset = now_ms - Date.now()
    if (Math.abs(offset - this.clock_offset_ms.value) > 250) this.clock_offset_ms.value = offset
  }

  private greet(): void {
    this.retries = 0
    this.connections += 1
    this.reconnects.value = this.connections - 1
    this.state.value = 'live'
    this.subscriptions.clear()
    this.wanted.clear()
    this.subscribe([...this.cells.values()])
  }

  private take(id: string, rows: readonly ValueRow[]): void {
    const subscription = this.subscriptions.get(id)
    if (!subscription) return
    for (const [index, time_ms, value, quality] of rows) {
      const cell = subscription.cells[index]
      if (cell) this.put(cell, { time_ms, quality, value: value ?? lastKnown(cell) })
    }
  }

  private put(cell: Cell, value: LiveValue): void {
    if (this.changed.size === 0) this.settings.frame(() => this.show())
    cell.next = value
    this.changed.add(cell)
  }

  private show(): void {
    for (const cell of this.changed) cell.shown.value = cell.next
    this.changed.clear()
  }

  private markUnknown(points: readonly string[]): void {
    for (const point of points) {
      const cell = this.cells.get(point)
      if (cell) this.put(cell, { value: null, quality: neverSeen, time_ms: 0 })
    }
  }

  private watchLine(): void {
    const silent_ms = Date.now() - this.heard_ms
    if (silent_ms > silence_ms && this.socket) {
      const socket = this.socket
      this.lineLost(true)
      socket.close()
    } else if (silent_ms > ping_every_ms) {
      this.send({ op: 'ping', n: this.heard_ms })
    }
  }

  private lineLost(wasOpen: boolean): void {
    this.socket = undefined
    this.state.value = this.connections === 0 ? 'connecting' : 'stale'
    if (!wasOpen) this.settings.refused?.()
    if (this.timer === undefined) return
    const wait_ms = Math.min(first_retry_ms * 2 ** this.retries, last_retry_ms)
    this.retries += 1
    clearTimeout(this.retryTimer)
    this.retryTimer = setTimeout(() => this.connect(), wait_ms)
  }
}

function lastKnown(cell: Cell): number | null {
  return (cell.next ?? cell.shown.value)?.value ?? null
}
