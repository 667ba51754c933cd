import type { DeviceState } from '@/api'

export const deviceStates = ['misconfigured', 'offline', 'degraded', 'starting', 'online'] as const satisfies readonly DeviceState[]

/** How a state looks: shape and colour together, colour only where someone has to act. */
export const stateLook = {
  online: { shape: 'filled', colour: 'plain' },
  starting: { shape: 'hollow', colour: 'plain' },
  degraded: { shape: 'diamond', colour: 'medium' },
  offline: { shape: 'triangle', colour: 'high' },
  misconfigured: { shape: 'square', colour: 'critical' },
} as const
