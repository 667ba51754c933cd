/**
 * A hundred million samples, ten years of three points, looked at from ten years down to single samples and moved along. At every step what is
 * drawn has the lowest and highest value that the samples really have, and as many samples are counted as were written. How long each step took until its
 * last picture is printed.
 *
 * NUANSHU_HISTORY is what `nuanshu bench history` said, NUANSHU_EVERY its seconds from sample to sample.
 */
import { expectThat, picture, signIn, tell, until } from './person.mjs'

const history = JSON.parse(process.env.NUANSHU_HISTORY ?? '{}')
const every_s = Number(process.env.NUANSHU_EVERY)
const points = (process.env.NUANSHU_POINTS ?? '').split(',')
const day_s = 86_400
const year_s = 31_557_600
const wheelTurns = 4

const upAndDown = (s, period_s, height) => Math.floor((Math.min(s % period_s, period_s - (s % period_s)) * height) / (period_s / 2))
const dayOfYear = (s) => Math.floor(s / day_s) % 365

/** The value in tenths, as cli/src/bench_history.h says; undefined where there is no sample, NaN where it is bad. */
function tenths(i, point) {
  const s = i * every_s
  const day = dayOfYear(s)
  if (day >= 200 + point && day <= 202 + point) return undefined
  if (day === 100 + point) return Number.NaN
  const hash = (Math.imul(i, 2654435761) + point * 40503) >>> 0
  return 200 + upAndDown(s, year_s, 400) + upAndDown(s, day_s, 60) + ((hash >>> 16) % 9) + (i % 1_000_003 === 500_000 + point ? 900 : 0)
}

/** What the samples of the period really are. */
function truth(point, from_ms, to_ms) {
  const first = Math.max(0, Math.ceil((from_ms - history.from_ms) / 1000 / every_s))
  const end = Math.ceil((Math.min(to_ms, history.to_ms) - history.from_ms) / 1000 / every_s)
  const found = { minimum: Infinity, maximum: -Infinity, count: 0 }
  for (let i = first; i < end; i += 1) {
    const value = tenths(i, point)
    if (value === undefined) continue
    found.count += 1
    if (value < found.minimum) found.minimum = value
    if (value > found.maximum) found.maximum = value
  }
  return found
}

/** The period that the page shows, from its address. */
function shown(page) {
  const query = new URL(page.url()).searchParams
  const from_ms = Number(query.get('from'))
  return { from_ms, to_ms: from_ms + Number(query.get('span')) }
}

/**
 * Does `act` and waits until the picture of what is then in sight is whole. Says how many ms that was after the act's last turn (0: all was at hand),
 * how often the server was asked for drawings meanwhile, and how long the slowest answer took.
 */
async function timed(page, act) {
  const answers = []
  const note = (request) => {
    if (request.url().includes('kind=drawing')) answers.push(Math.round(request.timing().responseEnd))
  }
  page.on('requestfinished', note)
  await act()
  const picture_ms = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const watched = document.querySelector('[data-test=picture]')
        const begun = performance.now()
        let busy = begun
        const look = () => {
          const now = performance.now()
          if (watched.getAttribute('aria-busy') === 'true') busy = now
          if (now - busy > 500) resolve(Math.round(busy - begun))
          else requestAnimationFrame(look)
        }
        look()
      }),
  )
  page.off('requestfinished', note)
  return { picture_ms, asked: answers.length, slowest_ms: Math.max(0, ...answers) }
}

/** The lowest and highest drawn value of each pen in tenths, from what the picture says of itself. */
async function drawn(page) {
  const text = (await page.locator('[data-test=chart]').getAttribute('aria-label')) ?? ''
  return text.split('; ').map((part) => {
    const [, minimum, maximum] = part.match(/(−?[\d.]+) \S+ (−?[\d.]+)\D*$/) ?? []
    return { minimum: Math.round(Number(minimum?.replace('−', '-')) * 10), maximum: Math.round(Number(maximum?.replace('−', '-')) * 10) }
  })
}

/** A column at an edge reaches out of sight; its lowest or highest may be there. */
function agrees(seen, inner, outer) {
  return seen.minimum >= outer.minimum && seen.minimum <= inner.minimum && seen.maximum <= outer.maximum && seen.maximum >= inner.maximum
}

async function check(page, step) {
  const { from_ms, to_ms } = shown(page)
  const column_ms = (to_ms - from_ms) / 300
  const counts = page.locator('[data-test=samples]')
  const seen = await drawn(page)
  for (let point = 0; point < points.length; point += 1) {
    const inner = truth(point, from_ms + column_ms, to_ms - column_ms)
    const outer = truth(point, from_ms - column_ms, to_ms + column_ms)
    expectThat(agrees(seen[point], inner, outer), `${step}: ${points[point]} drawn from ${JSON.stringify(inner)}, not ${JSON.stringify(seen[point])}`)
    const count = truth(point, Math.floor(from_ms), Math.ceil(to_ms)).count
    await until(async () => Number(await counts.nth(point).textContent()) === count, `${step}: ${count} samples of ${points[point]}, not ${await counts.nth(point).textContent()}`, 20)
  }
}

const inWords = (ms) => (ms > 2 * 365 * 86_400_000 ? `${(ms / 365.25 / 86_400_000).toFixed(1)} years` : ms > 2 * 86_400_000 ? `${(ms / 86_400_000).toFixed(1)} days` : ms > 7_200_000 ? `${(ms / 3_600_000).toFixed(1)} hours` : `${(ms / 60_000).toFixed(1)} minutes`)

await tell(async (page) => {
  await signIn(page)
  const report = []
  const step = async (name, act, isPictured = false) => {
    const times = await timed(page, act)
    const span = inWords(shown(page).to_ms - shown(page).from_ms)
    report.push({ step: name, in_sight: span, ...times })
    await check(page, `${name} (${span})`)
    if (isPictured) await picture(page, `years-${String(report.length).padStart(2, '0')}`)
  }
  const span_ms = history.to_ms - history.from_ms
  await step(
    'open',
    async () => {
      await page.goto(`/trend?points=${points.join(',')}&from=${history.from_ms}&span=${span_ms}`)
      await page.locator('[data-test=picture][aria-busy=false] canvas').waitFor()
      await until(async () => (await drawn(page)).length === points.length, 'all pens drawn')
    },
    true,
  )
  const area = await page.locator('[data-test=chart] .u-over').boundingBox()
  const at = (share) => ({ x: area.x + area.width * share, y: area.y + area.height / 2 })
  await page.mouse.move(at(0.37).x, at(0.37).y)
  const turn = (delta) => async () => {
    for (let turned = 0; turned < wheelTurns; turned += 1) await page.mouse.wheel(0, delta)
  }
  for (let depth = 0; shown(page).to_ms - shown(page).from_ms > 10 * 60_000; depth += 1) await step('zoom in', turn(-120), depth % 3 === 2)
  await picture(page, 'years-raw')
  for (const share of [0.2, 0.8]) {
    await step('move along', async () => {
      await page.keyboard.down('Shift')
      await page.mouse.move(at(0.5).x, at(0.5).y)
      await page.mouse.down()
      await page.mouse.move(at(share).x, at(share).y, { steps: 8 })
      await page.mouse.up()
      await page.keyboard.up('Shift')
    })
  }
  await page.mouse.move(at(0.37).x, at(0.37).y)
  for (let depth = 0; depth < 4; depth += 1) await step('zoom out', turn(120))
  console.table(report)
  console.log(JSON.stringify(report))
})
