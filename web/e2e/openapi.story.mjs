/** The description that our types are made from is what the server says of itself today. */
import { readFileSync } from 'node:fs'
import { expectThat, signIn, tell } from './person.mjs'

const hint = 'get /api/openapi.json again into web/openapi.json (jq .) and `npm run generate`'

/** Everything but the product's version, keys in order. */
function comparable(document) {
  const sorted = (value) => (value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : Array.isArray(value) ? value.map(sorted) : value)
  return JSON.stringify(sorted({ ...document, info: {}, servers: [] }))
}

await tell(async (page) => {
  await signIn(page)
  const now = await (await page.request.get('/api/openapi.json')).json()
  const ours = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'))
  expectThat(comparable(now) === comparable(ours), `web/openapi.json up to date; ${hint}`)
})
