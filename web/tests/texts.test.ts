import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/* The house's rules about words: none in the code, the same keys in both languages, every key that is used is there. */

const web = resolve(import.meta.dirname, '..')
const apps = resolve(web, '../apps')

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
}

type Messages = { [key: string]: string | Messages }
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Messages
function keysOf(messages: Messages, prefix = ''): Map<string, string> {
  return new Map(Object.entries(messages).flatMap(([key, value]) => (typeof value === 'string' ? [[prefix + key, value] as const] : [...keysOf(value, `${prefix}${key}.`)])))
}

interface Room {
  name: string
  zh: Map<string, string>
  en: Map<string, string>
}
const appNames = readdirSync(apps).filter((name) => filesBelow(join(apps, name), /web\/locale\/en\.json$/).length > 0)
const rooms: Room[] = [
  { name: 'web', zh: keysOf(read(join(web, 'src/locale/zh-CN.json'))), en: keysOf(read(join(web, 'src/locale/en.json'))) },
  ...appNames.map((name) => ({
    name,
    zh: keysOf(read(join(apps, name, 'web/locale/zh-CN.json')), `${name}.`),
    en: keysOf(read(join(apps, name, 'web/locale/en.json')), `${name}.`),
  })),
]
const sources = [...filesBelow(join(web, 'src'), /\.(vue|ts)$/), ...appNames.flatMap((name) => filesBelow(join(apps, name, 'web'), /\.(vue|ts)$/))].filter((file) => !file.endsWith('.test.ts') && !file.endsWith('schema.d.ts'))
const known = new Set(rooms.flatMap((room) => [...room.zh.keys()]))

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

describe.each(rooms)('the words of $name', ({ zh, en }) => {
  it('are the same in both languages', () => expect([...en.keys()].sort()).toEqual([...zh.keys()].sort()))
  it('take the same values in both languages', () => {
    for (const [key, text] of zh) expect(placeholders(en.get(key) ?? ''), key).toEqual(placeholders(text))
  })
  it('are never empty', () => {
    for (const [key, text] of [...zh, ...en]) expect(text.trim(), key).not.toBe('')
  })
})

it('there is an app with words', () => expect(appNames).toContain('heating'))

it('every key that is used exists', () => {
  for (const file of sources) {
    const text = readFileSync(file, 'utf8')
    for (const [, key = ''] of text.matchAll(/\bt\(\s*'([\w.]+)'/g)) expect(known.has(key), `${file}: ${key}`).toBe(true)
    for (const [, prefix = ''] of text.matchAll(/\bt\(\s*`([\w.]+\.)\$\{/g)) expect([...known].some((key) => key.startsWith(prefix)), `${file}: ${prefix}…`).toBe(true)
  }
})

it('no Chinese stands in the code but the house’s own name', () => {
  for (const file of sources) {
    const text = readFileSync(file, 'utf8').replaceAll('暖枢', '')
    expect(/[\u3400-\u9fff]/.exec(text.replaceAll("'中'", ''))?.[0], file).toBeUndefined()
  }
})
