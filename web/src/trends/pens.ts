import type { Point, Series } from '@/api'
import type { Theme } from '@/widgets'

export interface Pen {
  point: Point
  colour: string
  dash: number[]
  isVisible: boolean
}

// Away from the alarm colours, apart in lightness too; dashes tell them apart without colour.
const palettes: Record<Theme, string[]> = {
  light: ['#1b5e91', '#7a3f98', '#17796a', '#7c6414', '#a3487f', '#465a66', '#4d7418', '#3a44a0', '#86532f', '#0b6f80'],
  dark: ['#7db8e8', '#c69ae0', '#6fcdb9', '#d8bf6a', '#e79ac6', '#b3c4ce', '#a9cf6c', '#a3abf2', '#dda988', '#6cc9d8'],
}
const dashes: number[][] = [[], [8, 4], [2, 3]]

export function penLook(place: number, theme: Theme): Pick<Pen, 'colour' | 'dash'> {
  const palette = palettes[theme]
  return { colour: palette[place % palette.length] ?? '#888', dash: dashes[Math.floor(place / palette.length) % dashes.length] ?? [] }
}

/** Drawn as steps: what holds its value until it is changed. */
export function isStepped(point: Point): boolean {
  return point.kind === 'state' || point.writable
}

export function emptySeries(point: string): Series {
  return { point, time_ms: new Float64Array(), value: new Float64Array(), quality: new Uint8Array() }
}
