/** A person at a browser: Debian's Chromium, driven by Playwright-core, against the server at NUANSHU_URL. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const url = process.env.NUANSHU_URL ?? 'http://127.0.0.1:8080'
const password = process.env.NUANSHU_PASSWORD ?? ''
const pictures = process.env.NUANSHU_SCREENSHOTS ?? 'var/screenshots'
const switches = ['--no-sandbox', '--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Opens a browser, tells `story` through a page, closes it; what the page complained of is a failure too. */
export async function tell(story, { width = 1366, height = 768, language = 'zh-CN', theme = 'light', args = [] } = {}) {
  mkdirSync(pictures, { recursive: true })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...switches, ...args] })
  const complaints = []
  try {
    const context = await browser.newContext({ viewport: { width, height }, baseURL: url })
    await context.addInitScript(
      ([words, look]) => {
        localStorage.setItem('nuanshu.language', localStorage.getItem('nuanshu.language') ?? words)
        localStorage.setItem('nuanshu.theme', localStorage.getItem('nuanshu.theme') ?? look)
      },
      [language, theme],
    )
    const page = await context.newPage()
    page.setDefaultTimeout(60_000) // a busy machine is slow, not wrong
    page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
    await story(page)
    if (complaints.length) throw new Error(`the page complained:\n${complaints.join('\n')}`)
  } catch (error) {
    const page = browser.contexts()[0]?.pages()[0]
    await page?.screenshot({ path: join(pictures, 'failed.png') }).catch(() => undefined)
    console.error([error.message, `at ${page?.url()}; see ${join(pictures, 'failed.png')}`, error.stack, ...complaints].join('\n'))
    process.exitCode = 1
  } finally {
    await browser.close()
  }
}

export async function signIn(page, to = '/') {
  await page.goto(to)
  await page.locator('[data-test=user]').fill('admin')
  await page.locator('[data-test=password]').fill(password)
  await page.locator('[data-test=sign-in]').click()
  await page.locator('[data-test=clock][data-state=live]').waitFor()
}

export async function picture(page, name) {
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** Fails with `what` unless `holds`. */
export function expectThat(holds, what) {
  if (!holds) throw new Error(`expected: ${what}`)
}

/** Waits until `look` returns something true, at most `seconds`. */
export async function until(look, what, seconds = 30) {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > end) throw new Error(`not seen within ${seconds} s: ${what}`)
    await new Promise((wake) => setTimeout(wake, 200))
  }
}

/** The number that an element shows, with a real minus sign read as one; NaN when it shows none. */
export async function numberIn(locator) {
  const text = (await locator.textContent()) ?? ''
  return Number.parseFloat(text.replace('−', '-').replace(/^[^-\d]*/, ''))
}
