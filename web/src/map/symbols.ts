import type { SymbolLook, SymbolShape } from './layers'

const colourNames: Record<SymbolLook, string> = { plain: '--ns-symbol', hollow: '--ns-symbol', silent: '--ns-symbol', low: '--ns-low', high: '--ns-high', critical: '--ns-critical' }
const ratio = 2

function canvas(width: number, height: number): CanvasRenderingContext2D {
  const element = document.createElement('canvas')
  element.width = width * ratio
  element.height = height * ratio
  const context = element.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('this browser gives no 2d canvas')
  context.scale(ratio, ratio)
  return context
}

function imageOf(context: CanvasRenderingContext2D): ImageData {
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height)
}

/** Outlines within 24 × 24, shared by the map and its flat stand-in. */
export const outlines: Record<SymbolShape, string> = {
  circle: 'M12 5a7 7 0 1 0 0 14a7 7 0 1 0 0-14z',
  square: 'M5 5h14v14H5z',
  factory: 'M2 21V10l6 4v-4l6 4V3h4v18z',
}
export const abnormalOutline = 'M12 3 22 20H2z'

/** A symbol as a picture: its shape says what it is, a triangle around it that it is abnormal, a clock that it is silent. */
export function drawSymbol(shape: SymbolShape, look: SymbolLook, style: CSSStyleDeclaration): ImageData {
  const context = canvas(24, 24)
  const colour = style.getPropertyValue(colourNames[look])
  const isAbnormal = look === 'low' || look === 'high' || look === 'critical'
  const path = new Path2D(isAbnormal && shape === 'circle' ? abnormalOutline : outlines[shape])
  context.lineWidth = 2
  context.strokeStyle = isAbnormal ? style.getPropertyValue('--ns-raised') : colour
  context.fillStyle = look === 'hollow' || look === 'silent' ? style.getPropertyValue('--ns-raised') : colour
  context.fill(path)
  context.stroke(path)
  if (look === 'silent') {
    context.lineWidth = 1.6
    context.stroke(new Path2D('M12 8v4.5l3 2'))
  }
  return imageOf(context)
}

/** A name as a picture: so no glyph server is needed, and any script can be shown. */
export function drawLabel(text: string, style: CSSStyleDeclaration): ImageData {
  const font = '12px "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif'
  const measure = canvas(1, 1)
  measure.font = font
  const width = Math.ceil(measure.measureText(text).width) + 8
  const context = canvas(width, 18)
  context.font = font
  context.lineWidth = 3
  context.lineJoin = 'round'
  context.strokeStyle = style.getPropertyValue('--ns-bg')
  context.fillStyle = style.getPropertyValue('--ns-text')
  context.strokeText(text, 4, 13)
  context.fillText(text, 4, 13)
  return imageOf(context)
}

export const pixelRatio = ratio
