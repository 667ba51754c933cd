/** Every page, in both languages and themes, on a laptop, a wall and a phone: it shows live values, and nothing sticks out. */
import { expectThat, picture, signIn, tell, until } from './person.mjs'

const screens = [
  { name: 'laptop-zh-light', width: 1366, height: 768, language: 'zh-CN', theme: 'light' },
  { name: 'laptop-en-dark', width: 1366, height: 768, language: 'en', theme: 'dark' },
  { name: 'wall-zh-dark', width: 3840, height: 2160, language: 'zh-CN', theme: 'dark' },
  { name: 'phone-zh-light', width: 390, height: 844, language: 'zh-CN', theme: 'light' },
  { name: 'phone-en-light', width: 390, height: 844, language: 'en', theme: 'light' },
]
const pages = [
  { name: 'overview', path: '/heating/overview', live: '[data-test=figures] .number' },
  { name: 'stations', path: '/heating/stations', live: '[data-test=stations] .row .number' },
  { name: 'points', path: '/points', live: '[data-test=points] .row .number' },
  { name: 'devices', path: '/devices', live: '[data-test=devices] .row .number + .number' },
  { name: 'records', path: '/records/building', live: '[data-test=records] .row .code' },
]

const hasDigits = (locator) => async () => /\d/.test((await locator.first().textContent({ timeout: 2000 }).catch(() => '')) ?? '')

async function nothingSticksOut(page, what) {
  const [content, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  expectThat(content <= window_ + 1, `${what} no wider than its window: ${content} > ${window_}`)
}

async function wordsAreEnglish(page) {
  const words = await page.locator('nav, header h1, th').allInnerTexts()
  const chinese = words.filter((text) => /[\u3400-\u9fff]/.test(text))
  expectThat(chinese.length === 0, `no Chinese among the page's own words: ${chinese.join(' | ')}`)
}

for (const screen of screens) {
  await tell(async (page) => {
    await signIn(page)
    for (const { name, path, live } of pages) {
      await page.goto(path)
      await until(hasDigits(page.locator(live)), `${name} alive on ${screen.name}`)
      await nothingSticksOut(page, `${name} on ${screen.name}`)
      if (screen.language === 'en' && name !== 'records') await wordsAreEnglish(page)
      if (name === 'overview') await page.locator('[data-test=gl-map][data-drawn]').waitFor()
      await picture(page, `${screen.name}-${name}`)
    }
    await page.goto('/heating/stations')
    await page.locator('[data-test=stations] .row a').first().click()
    await until(hasDigits(page.locator('[data-test=mimic] .number')), `the process picture on ${screen.name}`)
    await nothingSticksOut(page, `station on ${screen.name}`)
    await picture(page, `${screen.name}-station`)
  }, screen)
}
