/** How long EPANET takes to solve a file, without reading it: {"nodes","solve_ms"}. node time.mjs [--repeat N] FILE.inp */
import { parseArgs } from 'node:util'
import { solveWithEpanet } from './epanet.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { repeat: { type: 'string', default: '1' } } })
const result = await solveWithEpanet(positionals[0], { repeat: Number(values.repeat), answers: false })
console.log(JSON.stringify(result))
