/** Fixed decimals, a real minus sign, no thousands separators; "" for no number. */
export function formatNumber(value: number | null | undefined, decimals = 1): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ''
  const text = value.toFixed(Math.min(Math.max(decimals, 0), 10))
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text.replace('-', '−')
}

/** An age in its one telling unit: the number and the key of its word. */
export interface AgeParts {
  count: number
  unit: 's' | 'min' | 'h' | 'd'
}

const ladder: readonly [limit_ms: number, unit_ms: number, unit: AgeParts['unit']][] = [
  [60_000, 1_000, 's'],
  [3_600_000, 60_000, 'min'],
  [172_800_000, 3_600_000, 'h'],
  [Infinity, 86_400_000, 'd'],
]

export function formatAge(age_ms: number): AgeParts {
  const age = Math.max(0, age_ms)
  const [, unit_ms, unit] = ladder.find(([limit]) => age < limit) ?? [0, 86_400_000, 'd' as const]
  return { count: Math.floor(age / unit_ms), unit }
}

/** "0.2 ms", "850 ms", "2.4 s": how long something took. */
export function formatDuration(duration_ms: number): string {
  if (duration_ms > 0 && duration_ms < 9.95) return `${formatNumber(duration_ms, 1)} ms`
  return duration_ms < 1000 ? `${Math.round(duration_ms)} ms` : `${formatNumber(duration_ms / 1000, 1)} s`
}
