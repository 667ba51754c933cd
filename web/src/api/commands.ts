import { get, send, tail, type Query } from './client'
import type { Command, Page, Selection } from './types'

/** First step: the server checks right, limits and interlock and holds the point for us. */
export function selectCommand(point: string, value: number): Promise<Selection> {
  return send('POST', '/commands/selections', { point, value })
}

/** Second step: the value goes down to the device. */
export function executeCommand(selection: Selection['id']): Promise<Command> {
  return send('POST', '/commands', { selection })
}

export function getCommand(id: Command['id']): Promise<Command> {
  return get(`/commands/${tail(String(id))}`)
}

export function listCommands(query: Query & { point?: string; limit?: number; after?: string }): Promise<Page<Command>> {
  return get('/commands', query)
}
