import { isBad, isGood, isSilent, type PointShape } from '@/api'
import type { LiveValue } from '@/live'

export type Deviation = 'low' | 'high' | 'none'

/** On which side of its normal operation a value lies. What cannot be trusted deviates nowhere. */
export function deviationOf(live: LiveValue | undefined, shape: Pick<PointShape, 'low_limit' | 'high_limit'>): Deviation {
  if (!live || live.value === null || isBad(live.quality)) return 'none'
  if (typeof shape.low_limit === 'number' && live.value < shape.low_limit) return 'low'
  if (typeof shape.high_limit === 'number' && live.value > shape.high_limit) return 'high'
  return 'none'
}

export type ValueState = 'good' | 'manual' | 'estimated' | 'doubtful' | 'silent' | 'bad' | 'none'

const manualCode = 16
const neverCode = 255

/** What the mark beside a value says. */
export function stateOf(live: LiveValue | undefined): ValueState {
  if (!live || live.quality === neverCode) return 'none'
  if (live.quality === manualCode) return 'manual'
  if (isGood(live.quality)) return live.quality === 0 ? 'good' : 'estimated'
  if (isSilent(live.quality)) return 'silent'
  return isBad(live.quality) ? 'bad' : 'doubtful'
}
