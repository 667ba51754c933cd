import type { RecordItem } from '@/api'

/*
 * Where everything stands in a station's process picture. The primary mains come down on the left, supply solid, return dashed; each
 * loop is a row: valve on the branch, exchanger, secondary lines to the buildings on the right, circulation pumps on the return, make-up
 * from the tank at the foot. Only what there is gets a place: the picture is made from records, nobody draws it.
 */

export interface Placed {
  x: number
  y: number
}
export interface Piece extends Placed {
  kind: 'pump' | 'valve' | 'exchanger' | 'tank' | 'meter' | 'buildings'
  /** The record it stands for; the loop for its buildings. */
  code: string
  title: string
  /** Where the flow goes. */
  facing: 'left' | 'right' | 'up'
}
export interface Line {
  path: string
  kind: 'supply' | 'return' | 'makeup'
}
export interface ValueBox extends Placed {
  code: string
}
export interface Caption extends Placed {
  text: string
}
export interface Mimic {
  width: number
  height: number
  lines: Line[]
  symbols: Piece[]
  values: ValueBox[]
  captions: Caption[]
}

export interface StationParts {
  station: string
  loops: readonly RecordItem[]
  equipment: readonly RecordItem[]
  /** Whether a point exists. */
  has: (code: string) => boolean
}

export const box = { width: 150, height: 46 }
const gap = 52
const width = 1390
const rowHeight = 310
const supplyX = 190
const returnX = 216
const exchangerX = 470
const buildingsX = 1290
const makeupX = 596

const stationValues = [
  'primary_supply_temperature',
  'primary_supply_pressure',
  'primary_return_temperature',
  'primary_return_pressure',
  'primary_flow',
  'heat_power',
  'heat_energy',
  'outdoor_temperature',
  'makeup_flow',
  'electricity',
  'door_open',
]

type ValuePlan = [name: string, x: number, y: number]
const loopValues: ValuePlan[] = [
  ['primary_flow', 240, 200],
  ['secondary_supply_temperature', 640, 12],
  ['secondary_supply_pressure', 800, 12],
  ['supply_temperature_setpoint', 960, 12],
  ['control_mode', 1120, 12],
  ['secondary_flow', 800, 112],
  ['secondary_return_temperature', 960, 112],
  ['secondary_return_pressure', 1120, 112],
]
const equipmentValues = { valve: ['opening', 'opening_setpoint'], pump: ['frequency', 'frequency_setpoint', 'start_command', 'current'], makeup: ['frequency', 'start_command'], tank: ['level', 'temperature'] }

export function layoutMimic(parts: StationParts): Mimic {
  const mimic: Mimic = { width, height: 0, lines: [], symbols: [], values: [], captions: [] }
  const put = (code: string, x: number, y: number) => {
    if (parts.has(code)) mimic.values.push({ code, x, y })
  }
  let y = 24
  for (const name of stationValues) {
    if (!parts.has(`${parts.station}/${name}`)) continue
    put(`${parts.station}/${name}`, 12, y)
    y += gap
  }
  const columnEnd = y
  parts.loops.forEach((loop, row) => placeLoop(mimic, parts, loop, 20 + row * rowHeight, put))
  const rowsEnd = 20 + parts.loops.length * rowHeight
  const tank = placeTank(mimic, parts, rowsEnd, put)
  placeMains(mimic, parts, rowsEnd)
  placeMeter(mimic, parts)
  mimic.height = Math.max(columnEnd, rowsEnd + (tank ? 100 : 10))
  return mimic
}

function belowOf(parts: StationParts, owner: string, type: string): RecordItem[] {
  return parts.equipment.filter((record) => record.type === type && record.code.startsWith(`${owner}.`))
}

function placeLoop(mimic: Mimic, parts: StationParts, loop: RecordItem, top: number, put: (code: string, x: number, y: number) => void): void {
  const supplyY = top + 78
  const returnY = top + 178
  mimic.captions.push({ text: loop.title, x: exchangerX - 8, y: top + 24 })
  mimic.lines.push(
    { kind: 'supply', path: `M${supplyX} ${supplyY}H${exchangerX}` },
    { kind: 'return', path: `M${exchangerX} ${returnY}H${returnX}` },
    { kind: 'supply', path: `M${exchangerX + 70} ${supplyY}H${buildingsX}` },
    { kind: 'return', path: `M${buildingsX} ${returnY}H${exchangerX + 70}` },
  )
  for (const [name, x, y] of loopValues) put(`${loop.code}/${name}`, x, top + y)
  const exchanger = belowOf(parts, loop.code, 'heat_exchanger')[0] ?? loop
  mimic.symbols.push({ kind: 'exchanger', code: exchanger.code, title: exchanger.title, x: exchangerX, y: supplyY - 20, facing: 'right' })
  mimic.symbols.push({ kind: 'buildings', code: loop.code, title: loop.title, x: buildingsX, y: supplyY - 24, facing: 'right' })
  belowOf(parts, loop.code, 'valve').slice(0, 1).forEach((valve) => {
    mimic.symbols.push({ kind: 'valve', code: valve.code, title: valve.title, x: 432, y: supplyY, facing: 'right' })
    equipmentValues.valve.forEach((name, place) => put(`${valve.code}/${name}`, 240, top + 12 + place * 84))
  })
  const pumps = belowOf(parts, loop.code, 'pump')
  placeCirculation(mimic, pumps.filter((pump) => pump.role !== 'makeup').slice(0, 2), returnY, put)
  placeMakeup(mimic, pumps.filter((pump) => pump.role === 'makeup').slice(0, 1), returnY, put)
}

function placeCirculation(mimic: Mimic, pumps: RecordItem[], returnY: number, put: (code: string, x: number, y: number) => void): void {
  const columns = pumps.length > 1 ? 1 : 2
  pumps.forEach((pump, index) => {
    const x = 1240 - index * 280
    mimic.symbols.push({ kind: 'pump', code: pump.code, title: pump.title, x, y: returnY, facing: 'left' })
    equipmentValues.pump.slice(0, 2 * columns).forEach((name, place) => put(`${pump.code}/${name}`, x + 30 - (columns - (place % columns)) * (box.width + 10), returnY + 24 + Math.floor(place / columns) * gap))
  })
}

function placeMakeup(mimic: Mimic, pumps: RecordItem[], returnY: number, put: (code: string, x: number, y: number) => void): void {
  pumps.forEach((pump) => {
    const y = returnY + 88
    mimic.lines.push({ kind: 'makeup', path: `M${makeupX} ${y}H640V${returnY}` })
    mimic.symbols.push({ kind: 'pump', code: pump.code, title: pump.title, x: 640, y: returnY + 52, facing: 'up' })
    equipmentValues.makeup.forEach((name, place) => put(`${pump.code}/${name}`, 430, returnY + 26 + place * gap))
  })
}

function placeTank(mimic: Mimic, parts: StationParts, rowsEnd: number, put: (code: string, x: number, y: number) => void): boolean {
  const tank = parts.equipment.find((record) => record.type === 'tank')
  if (!tank) return false
  const hasMakeup = mimic.lines.some((line) => line.kind === 'makeup')
  if (hasMakeup) mimic.lines.push({ kind: 'makeup', path: `M${makeupX} ${20 + 178 + 88}V${rowsEnd + 20}` })
  mimic.symbols.push({ kind: 'tank', code: tank.code, title: tank.title, x: makeupX - 50, y: rowsEnd + 10, facing: 'up' })
  equipmentValues.tank.forEach((name, place) => put(`${tank.code}/${name}`, makeupX + 70 + place * (box.width + 10), rowsEnd + 24))
  return true
}

function placeMains(mimic: Mimic, parts: StationParts, rowsEnd: number): void {
  if (parts.loops.length === 0) return
  const lastTop = rowsEnd - rowHeight
  mimic.lines.push({ kind: 'supply', path: `M${supplyX} 6V${lastTop + 78}` }, { kind: 'return', path: `M${returnX} ${lastTop + 178}V6` })
}

function placeMeter(mimic: Mimic, parts: StationParts): void {
  const meter = parts.equipment.find((record) => record.type === 'heat_meter')
  if (meter && parts.loops.length > 0) mimic.symbols.push({ kind: 'meter', code: meter.code, title: meter.title, x: returnX, y: 46, facing: 'up' })
}
