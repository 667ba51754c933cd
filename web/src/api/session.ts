import { get, send } from './client'
import { Problem } from './problem'
import type { Session } from './types'

export function signIn(user: string, password: string): Promise<Session> {
  return send('POST', '/session', { user, password })
}

/** The session of this browser; nothing when nobody is signed in. */
export async function currentSession(): Promise<Session | undefined> {
  try {
    return await get<Session>('/session')
  } catch (caught) {
    if (caught instanceof Problem && caught.status === 401) return undefined
    throw caught
  }
}

export function signOut(): Promise<void> {
  return send('DELETE', '/session')
}

export function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  return send('POST', '/session/password', { old_password: oldPassword, new_password: newPassword })
}
