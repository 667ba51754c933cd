import type { Command } from './types'

/** Index into the subscription's points, time in ms, value or null, quality code. */
export type ValueRow = [index: number, time_ms: number, value: number | null, quality: number]

export type ServerMessage =
  | { op: 'hello'; now_ms: number; version: string }
  | { op: 'subscribed'; id: string; unknown?: string[] }
  | { op: 'values'; id: string; now_ms: number; values: ValueRow[] }
  | { op: 'pong'; n: number; now_ms: number }
  | { op: 'command'; command: Command }
  | { op: 'error'; text: string }

export type ClientMessage =
  | { op: 'subscribe'; id: string; points: readonly string[]; every_ms: number }
  | { op: 'unsubscribe'; id: string }
  | { op: 'ping'; n: number }

export interface LiveSocketHandlers {
  opened(): void
  received(message: ServerMessage): void
  /** Called once; `wasOpen` is false when the server never let us in. */
  closed(wasOpen: boolean): void
}

export interface LiveSocket {
  send(message: ClientMessage): void
  close(): void
}

export type OpenLiveSocket = (handlers: LiveSocketHandlers) => LiveSocket

/** Opens the live connection of this browser's session. */
export const openLiveSocket: OpenLiveSocket = (handlers) => {
  const url = new URL('/api/v1/live', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url)
  let wasOpen = false
  socket.onopen = () => {
    wasOpen = true
    handlers.opened()
  }
  socket.onmessage = (event) => handlers.received(JSON.parse(String(event.data)) as ServerMessage)
  socket.onclose = () => handlers.closed(wasOpen)
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
    },
    close: () => socket.close(),
  }
}
