/**
 * Nuanshu and EPANET solve the same files; every head and every flow must agree within 1e-4. Prints the worst of each file as JSON.
 *
 *   NUANSHU_PROGRAM=build/dev/nuanshu node agree.mjs FILE.inp...
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { solveWithEpanet } from './epanet.mjs'

const agreement = 1e-4
const program = process.env.NUANSHU_PROGRAM ?? 'build/dev/nuanshu'
const kilogramsPerUnit = { GPM: 3.785411784 / 60, LPS: 1 }
const metresPerUnit = { GPM: 0.3048, LPS: 1 }

function solveWithNuanshu(path, folder) {
  const out = join(folder, 'answers.csv')
  execFileSync(program, ['network', 'solve', path, '--no-heat', '--quiet', '--tolerance', '1e-10', '-o', out])
  const [header, ...lines] = readFileSync(out, 'utf8').trim().split('\n').map((line) => line.split(','))
  const cell = (row, name) => row[header.indexOf(name)]
  const answers = { heads: {}, flows: {} }
  for (const row of lines) {
    if (cell(row, 'kind') === 'node') answers.heads[cell(row, 'id')] = Number(cell(row, 'head_m'))
    else answers.flows[cell(row, 'id')] = Number(cell(row, 'mass_flow_kg_s'))
  }
  return answers
}

/** The largest miss as a share: of each head itself, of each flow but for 3e-7 of the largest, which EPANET leaves open. */
function worstOf(ours, theirs, scale, left) {
  const largest = Math.max(...Object.values(theirs).map(Math.abs))
  let worst = { id: '', miss: 0 }
  for (const [id, value] of Object.entries(theirs)) {
    if (!(id in ours)) throw new Error(`${id} has no answer of ours`)
    const miss = Math.max(0, Math.abs(ours[id] / scale - value) - left * largest) / Math.max(Math.abs(value), 1e-9)
    if (miss > worst.miss || Number.isNaN(miss)) worst = { id, miss }
  }
  return worst
}

async function compare(path, folder) {
  const text = readFileSync(path, 'utf8')
  const unit = /^\s*units\s+(\w+)/im.exec(text)?.[1]?.toUpperCase() ?? 'GPM'
  const density = Number(/^\s*specific gravity\s+(\S+)/im.exec(text)?.[1] ?? 1)
  const ours = solveWithNuanshu(path, folder)
  const theirs = await solveWithEpanet(path)
  const head = worstOf(ours.heads, theirs.heads, metresPerUnit[unit], 0)
  const flow = worstOf(ours.flows, theirs.flows, kilogramsPerUnit[unit] * density, 3e-7)
  return { file: path, nodes: theirs.nodes, head, flow, agree: head.miss < agreement && flow.miss < agreement }
}

const folder = mkdtempSync(join(tmpdir(), 'nuanshu-epanet-'))
let disagree = 0
try {
  for (const path of process.argv.slice(2)) {
    const result = await compare(path, folder)
    console.log(JSON.stringify(result))
    disagree += result.agree ? 0 : 1
  }
} finally {
  rmSync(folder, { recursive: true })
}
process.exit(disagree > 0 || process.argv.length < 3 ? 1 : 0)
