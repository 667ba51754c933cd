import { shallowRef, watch, type ShallowRef } from 'vue'

/** A choice that this browser remembers; `fallback` when it has none, or one that is no longer allowed. */
export function useStored<T extends string>(name: string, allowed: readonly T[], fallback: T): ShallowRef<T> {
  const key = `nuanshu.${name}`
  const stored = allowed.find((value) => value === localStorage.getItem(key))
  const choice: ShallowRef<T> = shallowRef(stored ?? fallback) as ShallowRef<T>
  watch(choice, (value) => localStorage.setItem(key, value))
  return choice
}
