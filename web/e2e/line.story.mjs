/** The line breaks: everything shown is marked old at once, and by itself it comes back within two seconds. */
import { expectThat, picture, signIn, tell, until } from './person.mjs'

await tell(async (page) => {
  let cut = () => undefined
  let isDown = false
  await page.routeWebSocket(/\/api\/v1\/live/, (socket) => {
    if (isDown) return void socket.close()
    const server = socket.connectToServer()
    cut = () => {
      void server.close()
      void socket.close()
    }
  })
  await signIn(page, '/points')
  await until(async () => /\d/.test((await page.locator('[data-test=points] .row .number').first().textContent()) ?? ''), 'live points')
  isDown = true
  cut()
  await page.locator('[data-test=stale]').waitFor()
  expectThat((await page.locator('[data-test=points] .quantity:not(.stale)').count()) === 0, 'every value marked stale')
  await picture(page, 'line-down')
  isDown = false
  await page.locator('[data-test=stale]').waitFor({ state: 'hidden', timeout: 6000 })
  await page.locator('[data-test=clock][data-state=live]').waitFor()
  expectThat((await page.locator('[data-test=points] .quantity.stale').count()) === 0, 'no value marked stale any more')
})

await tell(
  async (page) => {
    await signIn(page)
    await page.locator('[data-test=flat-map] .symbol').first().waitFor()
    await picture(page, 'overview-without-webgl')
  },
  { args: ['--disable-3d-apis'] },
)
