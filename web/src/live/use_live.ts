import { computed, inject, onScopeDispose, shallowRef, toValue, watch, type App, type ComputedRef, type InjectionKey, type MaybeRefOrGetter } from 'vue'
import type { Command } from '@/api'
import type { LiveHub, LiveValue } from './hub'

const hubKey: InjectionKey<LiveHub> = Symbol('live')

export function provideLive(app: App, hub: LiveHub): void {
  app.provide(hubKey, hub)
}

export function useLiveHub(): LiveHub {
  const hub = inject(hubKey)
  if (!hub) throw new Error('no live hub above this component; call provideLive() where the app is made')
  return hub
}

export interface LivePoints {
  /** Newest value, reactive; undefined until the first one has come. */
  valueOf(point: string): LiveValue | undefined
  /** The line is down: what is shown is old. */
  isStale: ComputedRef<boolean>
}

/** Keeps these points live while the caller's scope lasts. The list may change: what stays in it stays subscribed. */
export function useLivePoints(points: MaybeRefOrGetter<readonly string[]>): LivePoints {
  const hub = useLiveHub()
  const held = shallowRef<ReadonlySet<string>>(new Set())
  watch(
    () => new Set(toValue(points)),
    (wanted) => {
      const before = held.value
      hub.acquire([...wanted].filter((point) => !before.has(point)))
      hub.release([...before].filter((point) => !wanted.has(point)))
      held.value = wanted
    },
    { immediate: true },
  )
  onScopeDispose(() => hub.release(held.value))
  return {
    valueOf: (point) => (held.value.has(point) ? hub.valueOf(point) : undefined),
    isStale: computed(() => hub.state.value !== 'live'),
  }
}

/** Hears of every command that ends while the caller's scope lasts. */
export function useCommandEvents(handler: (command: Command) => void): void {
  onScopeDispose(useLiveHub().onCommand(handler))
}

/** The server's clock, each second. */
export function useNow(): ComputedRef<number> {
  const hub = useLiveHub()
  const ours = shallowRef(Date.now())
  const timer = setInterval(() => (ours.value = Date.now()), 1000)
  onScopeDispose(() => clearInterval(timer))
  return computed(() => ours.value + hub.clock_offset_ms.value)
}
