import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Stage, until } from './stage.ts'

const stage = new Stage()

test('a wrong key is refused with the text and where the key is', async () => {
  const page = await stage.open()
  await page.fill('#api-key-input', 'wrong')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#sign-in-notice:not(:empty)')
  const notice = await page.textContent('#sign-in-notice')
  assert.match(notice ?? '', /Invalid API Key/)
  assert.match(notice ?? '', /printed by “up”/)
  assert.equal(await page.inputValue('#api-key-input'), '')
  assert.equal(stage.fake.socketCount, 0)
})

test('the right key signs in, a reload does not ask again, and the browser keeps no key', async () => {
  const page = await stage.enter()
  await page.reload()
  await page.waitForSelector('.light-connected')
  assert.equal(await page.locator('#api-key-input').count(), 0)
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  )
  assert.equal(stored, '[{},{},""]')
})

test('too many attempts: the page says how long to wait', async () => {
  stage.fake.lockedFor = 42
  const page = await stage.open()
  await page.fill('#api-key-input', 'any')
  await page.keyboard.press('Enter')
  await page.getByText('Wait 42 seconds').waitFor()
})

test('a session that ends leads back to the sign-in with a sentence', async () => {
  const page = await stage.enter()
  stage.fake.endSessions()
  await page.getByText('Your session has ended').waitFor()
  await until('the socket is closed', () => stage.fake.socketCount === 0)
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'api-key-input')
})

test('signing out ends the session', async () => {
  const page = await stage.enter()
  await page.click('#sign-out-btn')
  await page.getByText('You are signed out').waitFor()
  await page.reload()
  await page.waitForSelector('#api-key-input')
})

test('the original browser test: title, h1, terminal and light, before anyone signs in', async () => {
  const page = await stage.open()
  assert.match(await page.title(), /Mission Control/)
  assert.match((await page.textContent('h1')) ?? '', /Mission Control/)
  await page.waitForSelector('#terminal', { state: 'visible' })
  await page.waitForSelector('h1 #status-light', { state: 'visible' })
})
