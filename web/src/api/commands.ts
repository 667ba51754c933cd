import { call } from './client'
import type { Command, CommandQuery, Page, Selection } from './types'

/** First step: the server checks right, limits and interlock and holds the point for us. */
export function selectCommand(point: string, value: number): Promise<Selection> {
  return call('post', '/api/v1/commands/selections', { body: { point, value } })
}

/** Second step: the value goes down to the device. */
export function executeCommand(selection: Selection['id']): Promise<Command> {
  return call('post', '/api/v1/commands', { body: { selection } })
}

export function getCommand(id: Command['id']): Promise<Command> {
  return call('get', '/api/v1/commands/{id}', { at: { id: String(id) } })
}

export function listCommands(query: CommandQuery): Promise<Page<Command>> {
  return call('get', '/api/v1/commands', { query })
}
