import { call } from './client'
import { Problem } from './problem'
import type { Session } from './types'

export function signIn(user: string, password: string): Promise<Session> {
  return call('post', '/api/v1/session', { body: { user, password } })
}

/** The session of this browser; nothing when nobody is signed in. */
export async function currentSession(): Promise<Session | undefined> {
  try {
    return await call('get', '/api/v1/session')
  } catch (caught) {
    if (caught instanceof Problem && caught.status === 401) return undefined
    throw caught
  }
}

export async function signOut(): Promise<void> {
  await call('delete', '/api/v1/session')
}

export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  await call('post', '/api/v1/session/password', { body: { old_password: oldPassword, new_password: newPassword } })
}
