import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { currentSession, getSystem, signIn, signOut, type System, type User } from '@/api'
import { setPlantTimeZone } from '@/locale'

/** Who is signed in here, and which system they see. */
export const useSession = defineStore('session', () => {
  const user = shallowRef<User>()
  const system = shallowRef<System>()
  let asked: Promise<void> | undefined

  const learnSystem = async () => {
    system.value = await getSystem().catch(() => undefined)
    setPlantTimeZone(system.value?.time_zone)
  }
  const enter = (who: User) => {
    user.value = who
    // The first page need not wait for this: what shows times follows when the zone is known.
    void learnSystem()
  }
  /** Asks the server whether this browser's session still holds. */
  const check = async () => {
    const session = await currentSession().catch(() => undefined)
    if (!session) user.value = undefined
    else if (!user.value) enter(session.user)
  }
  /** The first check, made once. */
  const ready = () => (asked ??= check())
  const begin = async (name: string, password: string) => enter((await signIn(name, password)).user)
  const end = async () => {
    await signOut().catch(() => undefined)
    user.value = undefined
  }
  const forget = () => (user.value = undefined)
  const onChange = (handler: (user: User | undefined) => void) => watch(user, handler)
  return { user, system, ready, check, begin, end, forget, onChange }
})
