/** A dispatcher's errand: sign in, see the city, go to a station, be refused by an interlock, take it by hand, open the valve, see the plant answer, look at the trend. */
import { expectThat, numberIn, picture, signIn, tell, until } from './person.mjs'

async function wrongPasswordIsToldAtItsField(page) {
  await page.goto('/')
  await page.locator('[data-test=user]').fill('admin')
  await page.locator('[data-test=password]').fill('not the password')
  await page.locator('[data-test=sign-in]').click()
  await page.locator('.el-form-item__error').waitFor()
  await picture(page, 'sign-in-refused')
}

async function cityIsAlive(page) {
  const figures = page.locator('[data-test=figures] .number')
  await until(async () => (await figures.count()) > 0 && (await numberIn(figures.first())) > 1, 'the heat output of all sources')
  await until(async () => (await page.locator('[data-test=sources] tbody tr').count()) >= 3, 'the heat sources')
  await until(async () => (await page.locator('[data-test=worst] tbody tr').count()) === 10, 'ten stations to look at')
  await page.locator('[data-test=gl-map][data-drawn] canvas').waitFor()
  await picture(page, 'overview')
}

async function command(page, point, act) {
  await page.locator(`[data-point="${point}"]`).click()
  await page.locator('[data-test=card] [data-test=command]').click()
  await act(page.locator('.command-dialog [data-test=wished]'))
  await page.locator('[data-test=select]').click()
}

async function execute(page, name) {
  await page.locator('[data-test=summary]').waitFor()
  await picture(page, `${name}-confirm`)
  await page.locator('[data-test=execute]').click()
  await page.locator('[data-test=progress]').waitFor()
  const outcome = await until(async () => {
    const seen = await page.locator('[data-test=progress]').getAttribute('data-outcome')
    return seen === 'running' ? '' : seen
  }, 'how the command ended', 180)
  await picture(page, `${name}-done`)
  expectThat(outcome === 'confirmed', `the command confirmed, not ${outcome}: ${await page.locator('[data-test=progress]').textContent()}`)
}

async function closeAll(page) {
  const close = page.locator('.command-dialog [data-test=close]')
  if (await close.isVisible()) await close.click()
  else await page.locator('.command-dialog .el-dialog__headerbtn').click()
  await page.locator('.point-card .el-drawer__close-btn').click()
  await page.locator('[data-test=card]').waitFor({ state: 'hidden' })
}

async function openTheValve(page, station) {
  const loop = `${station}.b1`
  const opening = page.locator(`[data-point="${loop}.valve1/opening"] .number`)
  await until(async () => Number.isFinite(await numberIn(opening)), 'how far the valve is open')
  await picture(page, 'station')

  await command(page, `${loop}/control_mode`, (wished) => wished.locator('label').nth(1).click())
  await execute(page, 'automatic')
  await closeAll(page)

  await command(page, `${loop}.valve1/opening_setpoint`, (wished) => wished.locator('input').fill('70'))
  await page.locator('.command-dialog .el-alert').waitFor()
  await picture(page, 'interlock-refuses')
  await closeAll(page)

  await command(page, `${loop}/control_mode`, (wished) => wished.locator('label').nth(0).click())
  await execute(page, 'by-hand')
  await closeAll(page)

  const target = (await numberIn(opening)) > 50 ? 30 : 70
  await command(page, `${loop}.valve1/opening_setpoint`, (wished) => wished.locator('input').fill(String(target)))
  await execute(page, 'valve')
  await closeAll(page)
  await until(async () => Math.abs((await numberIn(opening)) - target) <= 1.5, `the valve at ${target} %`, 180)
  await picture(page, 'station-answered')
}

async function lookAtTheTrend(page, station) {
  await page.locator(`[data-point="${station}.b1.valve1/opening"]`).click()
  await page.locator('[data-test=open-trend]').click()
  await page.locator('[data-test=chart] canvas').waitFor()
  const value = page.locator('[data-test=pens] tbody tr .number').first()
  await until(async () => Number.isFinite(await numberIn(value)), 'the valve in the trend')
  await page.locator('[data-test=picker] input').fill(`${station}.b1/primary_flow`)
  await page.locator('.el-select-dropdown__item').first().click()
  await until(async () => (await page.locator('[data-test=pens] tbody tr').count()) === 2, 'a second pen')
  const before = page.url()
  const area = await page.locator('[data-test=chart] .u-over').boundingBox()
  await page.mouse.move(area.x + area.width - 30, area.y + area.height / 2)
  for (let turn = 0; turn < 3; turn += 1) await page.mouse.wheel(0, -120)
  await until(() => page.url() !== before && /from=/.test(page.url()), 'the zoomed period in the address')
  await page.waitForLoadState('networkidle')
  await picture(page, 'trend')
  const csv = await page.request.get((await page.locator('[data-test=csv]').getAttribute('href')) ?? '')
  const text = await csv.text()
  expectThat(text.startsWith('\ufeffpoint,time,value,quality'), `CSV with a byte-order mark and a head, not ${JSON.stringify(text.slice(0, 60))}`)
}

await tell(async (page) => {
  await wrongPasswordIsToldAtItsField(page)
  await signIn(page)
  await cityIsAlive(page)
  await page.locator('[data-test="menu-heating.stations"]').click()
  const first = page.locator('[data-test=stations] .row a').first()
  await until(async () => Number.isFinite(await numberIn(first.locator('.number').first())), 'live values of the first station')
  await picture(page, 'stations')
  const station = ((await first.getAttribute('href')) ?? '').split('/').at(-1) ?? ''
  await first.click()
  await page.locator('[data-test=mimic]').waitFor()
  await openTheValve(page, station)
  await lookAtTheTrend(page, station)
})
