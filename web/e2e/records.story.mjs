/** Records: a new building is refused for what is wrong with it, made, changed, found by search, deleted; a value is put in by hand and released. */
import { expectThat, picture, signIn, tell, until } from './person.mjs'

const code = 'xc.s01.n1.h001.b1.story1'

async function fill(page, field, text) {
  await page.locator(`.el-dialog [data-field=${field}] input, .el-dialog input[data-field=${field}]`).first().fill(text)
}

async function makeABuilding(page) {
  await page.goto('/records/building')
  await page.locator('[data-test=create]').click()
  await page.locator('.el-dialog [data-test=code]').fill(code)
  await page.locator('.el-dialog [data-test=title]').fill('故事楼')
  await fill(page, 'heated_area_m2', '-5')
  await page.locator('[data-test=save]').click()
  await page.locator('.el-form-item__error').first().waitFor()
  await picture(page, 'record-refused')
  await fill(page, 'heated_area_m2', '5400')
  await page.locator('[data-test=save]').click()
  await page.waitForURL(new RegExp(`${code}$`))
  await until(async () => (await page.locator('main').innerText()).includes('5400'), 'the new building')
}

async function findAndChange(page) {
  await page.locator('[data-test=global-search]').click()
  await page.locator('[data-test=search-words]').fill('故事楼')
  await page.locator('[data-test=hits] button').first().click()
  await page.waitForURL(new RegExp(`${code}$`))
  await page.locator('[data-test=edit]').click()
  await fill(page, 'floors', '11')
  await page.locator('[data-test=save]').click()
  await until(async () => /11/.test(await page.locator('.fields').innerText()), 'eleven floors')
  await picture(page, 'record')
}

async function remove(page) {
  await page.locator('[data-test=delete]').click()
  await page.locator('[data-test=typed]').fill(code)
  await page.locator('.el-dialog:visible .el-button--danger').click()
  await page.waitForURL(/\/records\/building$/)
  const answer = await page.request.get(`/api/v1/records/building/${code}`)
  expectThat(answer.status() === 404, `the building gone, not ${answer.status()}`)
}

async function putByHand(page) {
  await page.goto('/points')
  await page.locator('[data-test=search]').fill('xc.s01/outdoor_temperature')
  const row = page.locator('[data-test=points] button.row').filter({ hasText: 'xc.s01/outdoor_temperature' }).first()
  await row.click()
  await page.locator('[data-test=card]').getByRole('button', { name: '人工置数' }).click()
  await page.locator('[data-test=substitute-value] input').fill('-7.5')
  await page.getByRole('button', { name: '置数', exact: true }).click()
  await until(async () => (await row.locator('.mark.manual').count()) === 1 && (await row.innerText()).includes('−7.5'), 'the value put in by hand')
  await picture(page, 'manual')
  await page.locator('[data-test=card]').getByRole('button', { name: '人工置数' }).click()
  await page.getByRole('button', { name: '解除置数' }).click()
  await until(async () => (await row.locator('.mark.manual').count()) === 0, 'the measured value again', 60)
}

await tell(async (page) => {
  await signIn(page)
  await makeABuilding(page)
  await findAndChange(page)
  await remove(page)
  await putByHand(page)
})
