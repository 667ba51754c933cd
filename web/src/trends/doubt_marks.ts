import type uPlot from 'uplot'
import type { Series } from '@/api'
import { periodsOfDoubt } from './assemble'
import type { Pen } from './pens'

const row_px = 6

/** Draws, in one row a pen at the foot of the chart, hatches where its values are bad and dots where they are doubtful. */
export function drawDoubt(chart: uPlot, pens: readonly Pen[], series: readonly Series[]): void {
  const { ctx, bbox } = chart
  const scale = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  pens.forEach((pen, place) => {
    const one = series[place]
    if (!one || !pen.isVisible) return
    const top = bbox.top + bbox.height - (place + 1) * row_px * scale
    for (const period of periodsOfDoubt(one)) {
      const left = chart.valToPos(period.from_ms / 1000, 'x', true)
      const right = Math.max(chart.valToPos(period.to_ms / 1000, 'x', true), left + 2 * scale)
      if (right < bbox.left || left > bbox.left + bbox.width) continue
      ctx.strokeStyle = ctx.fillStyle = pen.colour
      if (period.kind === 'bad') hatch(ctx, Math.max(left, bbox.left), top, Math.min(right, bbox.left + bbox.width), (row_px - 1) * scale, scale)
      else ctx.fillRect(left, top + 2 * scale, Math.max(right - left, 2 * scale), 2 * scale)
    }
  })
  ctx.restore()
}

function hatch(ctx: CanvasRenderingContext2D, left: number, top: number, right: number, height: number, scale: number): void {
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
