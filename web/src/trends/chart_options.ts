import uPlot from 'uplot'
import { plantTimeZone, timeText } from '@/locale'
import { isStepped, type Pen } from './pens'

export interface ChartColours {
  text: string
  grid: string
}

const axes_max = 4

/** A date whose local hours are the plant's. */
function plantDate(seconds: number): Date {
  return uPlot.tzDate(new Date(seconds * 1000), plantTimeZone.value)
}

function unitsOf(pens: readonly Pen[]): string[] {
  return [...new Set(pens.map((pen) => scaleOf(pen)))]
}

export function scaleOf(pen: Pen): string {
  return pen.point.kind === 'state' ? 'state' : (pen.point.unit ?? '')
}

function valueAxis(unit: string, place: number, colours: ChartColours): uPlot.Axis {
  return {
    scale: unit,
    side: place % 2 === 0 ? 3 : 1,
    label: unit,
    labelSize: 18,
    size: 56,
    stroke: colours.text,
    grid: { show: place === 0, stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid },
  }
}

function line(pen: Pen): uPlot.Series {
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  return {
    label: pen.point.code,
    scale: scaleOf(pen),
    stroke: pen.colour,
    width: 1.5,
    dash: pen.dash,
    show: pen.isVisible,
    spanGaps: false,
    points: { show: false },
    ...(isStepped(pen.point) && stepped ? { paths: stepped } : {}),
  }
}

/** How uPlot draws these pens: an axis a unit, left and right in turn, times in the plant's zone. */
export function chartOptions(pens: readonly Pen[], colours: ChartColours, width: number, height: number, hooks: uPlot.Hooks.Arrays): uPlot.Options {
  const units = unitsOf(pens)
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, units.length > 1 ? 0 : 12, 0, 0],
    tzDate: plantDate,
    scales: {
      x: { time: true, auto: false },
      ...Object.fromEntries(units.map((unit) => [unit, unit === 'state' ? { range: [-0.2, 1.4] as uPlot.Range.MinMax } : { auto: true }])),
    },
    axes: [
      { stroke: colours.text, space: 84, grid: { stroke: colours.grid, width: 1 }, ticks: { stroke: colours.grid }, values: timeValues },
      ...units.filter((unit) => unit !== 'state').slice(0, axes_max).map((unit, place) => valueAxis(unit, place, colours)),
    ],
    series: [{}, ...pens.map(line)],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: { mousedown: (_chart, _target, handler) => (event) => (event.button === 0 && !event.shiftKey ? handler(event) : null), dblclick: () => () => null },
    },
    hooks,
  }
}

const timeValues: uPlot.Axis.DynamicValues = (_chart, splits, _axis, _space, step) => {
  const texts = splits.map((seconds) => timeText(seconds * 1000))
  return texts.map((text, index) => {
    const day = text.slice(0, 10)
    if (step >= 86_400) return day
    const time = text.slice(11, step < 60 ? 19 : 16)
    // The day stands under its first mark, unless the next mark begins another one and has no room beside it.
    const isNew = index === 0 ? texts[1]?.startsWith(day) : !texts[index - 1]?.startsWith(day)
    return isNew ? `${time}\n${day}` : time
  })
}
