import type uPlot from 'uplot'
import type { Series } from '@/api'
import { gapLimit, periodsOfDoubt, type PeriodOfDoubt } from './assemble'
import type { Pen } from './pens'

const row_px = 6

/** Where a mark goes, in device pixels. */
interface Place {
  left: number
  right: number
  top: number
  height: number
  scale: number
}

/** Draws, in one row a pen at the foot of the chart: hatches where its values are bad, bars where doubtful, dots where estimated, boxes where missing. */
export function drawDoubt(chart: uPlot, pens: readonly Pen[], series: readonly Series[]): void {
  const { ctx, bbox } = chart
  const scale = devicePixelRatio
  const column_ms = ((chart.scales.x?.max ?? 0) - (chart.scales.x?.min ?? 0)) * 1000 / Math.max(bbox.width / scale, 1)
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  pens.forEach((pen, row) => {
    const one = series[row]
    if (!one || !pen.isVisible) return
    const top = bbox.top + bbox.height - (row + 1) * row_px * scale
    ctx.strokeStyle = ctx.fillStyle = pen.colour
    for (const period of periodsOfDoubt(one, gapLimit(pen.point.expected_interval_ms, column_ms))) {
      const left = Math.max(chart.valToPos(period.from_ms / 1000, 'x', true), bbox.left - scale)
      const right = Math.min(Math.max(chart.valToPos(period.to_ms / 1000, 'x', true), left + 2 * scale), bbox.left + bbox.width + scale)
      if (right >= bbox.left && left <= bbox.left + bbox.width) marks[period.kind](ctx, { left, right, top, height: (row_px - 1) * scale, scale })
    }
  })
  ctx.restore()
}

const marks: Record<PeriodOfDoubt['kind'], (ctx: CanvasRenderingContext2D, place: Place) => void> = {
  bad: hatch,
  doubtful: (ctx, { left, right, top, scale }) => ctx.fillRect(left, top + 2 * scale, right - left, 2 * scale),
  estimated: (ctx, { left, right, top, scale }) => {
    for (let x = left; x < right; x += 5 * scale) ctx.fillRect(x, top + 2 * scale, 2 * scale, 2 * scale)
  },
  missing: (ctx, { left, right, top, height, scale }) => {
    ctx.lineWidth = scale
    ctx.strokeRect(left, top + scale / 2, right - left, height - scale)
  },
}

function hatch(ctx: CanvasRenderingContext2D, { left, right, top, height, scale }: Place): void {
  ctx.lineWidth = scale
  ctx.beginPath()
  for (let x = left - height; x < right; x += 4 * scale) {
    const start = Math.max(x, left)
    const end = Math.min(x + height, right)
    ctx.moveTo(start, top + height - (start - x))
    ctx.lineTo(end, top + height - (end - x))
  }
  ctx.stroke()
  ctx.strokeRect(left, top, Math.max(right - left, scale), height)
}
