import { shallowRef } from 'vue'

/** Where the plant stands; times are shown as its clocks show them. The browser's own zone until the server has said it. */
export const plantTimeZone = shallowRef(Intl.DateTimeFormat().resolvedOptions().timeZone)

export function setPlantTimeZone(name: string | undefined): void {
  if (!name) return
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    plantTimeZone.value = name
  } catch {
    console.warn(`unknown time zone ${name}; showing ${plantTimeZone.value}`)
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const digits = '2-digit'
  // Swedish writes dates the way ISO 8601 does: 2026-01-15 16:30:00.
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: digits, day: digits, hour: digits, minute: digits, second: digits })
  formats.set(timeZone, made)
  return made
}

/** "2026-01-15 16:30:00" in the plant's time; "" for no time. */
export function timeText(time: number | string | null | undefined): string {
  if (time === null || time === undefined || time === '' || time === 0) return ''
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? '' : format(plantTimeZone.value).format(date)
}

/** "2026-01-15" in the plant's time. */
export function dayText(time: number | string): string {
  return timeText(time).slice(0, 10)
}
