/** How far a value can be trusted: the server's numeric codes (0–31 good, 32–127 doubtful, 128– bad) and their names. */
const codes: Record<string, number> = {
  good: 0,
  manual: 16,
  estimated: 17,
  spike: 32,
  rate_of_change: 33,
  frozen: 34,
  late: 35,
  range: 128,
  wire_break: 129,
  not_a_number: 130,
  communication: 131,
  gap: 132,
  device_fault: 133,
  never: 255,
}
const names = new Map(Object.entries(codes).map(([name, code]) => [code, name]))

export const qualityNames: readonly string[] = Object.keys(codes)

export const neverSeen = 255
export const isGood = (quality: number): boolean => quality < 32
export const isBad = (quality: number): boolean => quality >= 128

/** Bad because nothing comes any more: what is shown is the last known value. */
export const isSilent = (quality: number): boolean => quality === codes.communication || quality === codes.gap

/** Not measured, but put in its place: by hand, or by an estimate. */
export const isSubstitute = (quality: number): boolean => quality === codes.manual || quality === codes.estimated

/** An unknown name is taken for a device fault: better shown as bad than as good. */
export function qualityCode(name: string): number {
  return codes[name] ?? 133
}

/** An unknown code falls back on the name of its band. */
export function qualityName(code: number): string {
  return names.get(code) ?? (isGood(code) ? 'good' : isBad(code) ? 'device_fault' : 'late')
}
