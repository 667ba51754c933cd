/** EPANET itself (epanet-js), asked for the first moment of an input file. */
import { readFileSync } from 'node:fs'
import { CountType, InitHydOption, LinkProperty, NodeProperty, Option, Project, Workspace } from 'epanet-js'

function solveOnce(project) {
  const begin = performance.now()
  project.openH()
  project.initH(InitHydOption.InitFlow)
  project.runH()
  const solve_ms = performance.now() - begin
  return { solve_ms, close: () => project.closeH() }
}

function answersOf(project) {
  const heads = {}
  for (let i = 1; i <= project.getCount(CountType.NodeCount); i++) {
    heads[project.getNodeId(i)] = project.getNodeValue(i, NodeProperty.Head)
  }
  const flows = {}
  for (let i = 1; i <= project.getCount(CountType.LinkCount); i++) {
    flows[project.getLinkId(i)] = project.getLinkValue(i, LinkProperty.Flow)
  }
  return { heads, flows }
}

/**
 * `solve_ms` is the best of `repeat` runs of opening the hydraulics, initialising and solving, without reading the file. `heads` (of
 * all nodes) and `flows` (of all links) are in the file's units.
 */
export async function solveWithEpanet(path, { repeat = 1, accuracy = 1e-7, answers = true } = {}) {
  const workspace = new Workspace()
  await workspace.loadModule()
  workspace.writeFile('net.inp', readFileSync(path))
  const project = new Project(workspace)
  project.open('net.inp', 'report.rpt', 'out.bin')
  project.setOption(Option.Accuracy, accuracy)
  const result = { nodes: project.getCount(CountType.NodeCount), solve_ms: Infinity }
  for (let run = 0; run < repeat; run++) {
    const { solve_ms, close } = solveOnce(project)
    result.solve_ms = Math.min(result.solve_ms, solve_ms)
    if (answers && run === repeat - 1) Object.assign(result, answersOf(project))
    close()
  }
  project.close()
  return result
}
