import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { expert } from './samples.ts'
import { Stage, until } from './stage.ts'

const stage = new Stage()
const START = { expert: 'general@w1', reason: 'healthy cluster expert' }

const ask = async (page: Page, text: string) => {
  await page.fill('#message-input', text)
  await page.press('#message-input', 'Enter')
}
const textsOf = (page: Page, selector: string) =>
  page
    .locator(`#terminal ${selector} .line-text`)
    .evaluateAll((lines) => lines.map((line) => line.lastChild?.textContent ?? ''))
/** Says every user message back, as the agent does. */
const echo = () => {
  stage.fake.onMessage = (message) => {
    if (message.type === 'user_message') stage.fake.say({ type: 'user', data: message.data })
  }
}

test('an answer streams under its caption, and each message is shown once', async () => {
  echo()
  const page = await stage.enter()
  await ask(page, 'hello')
  await page.waitForSelector('.user-message')
  stage.fake.say({ type: 'agent_start', data: START })
  stage.fake.say({ type: 'agent_delta', data: 'Hello ' })
  stage.fake.say({ type: 'agent_delta', data: 'friend' })
  await page.getByText('Hello friend').waitFor()
  assert.equal(await page.getAttribute('#terminal', 'aria-busy'), 'true')
  assert.equal(await page.textContent('.caption'), 'general@w1 · healthy cluster expert')
  stage.fake.say({ type: 'agent', data: 'Hello friend!', expert: 'general@w1' })
  await page.waitForSelector('#terminal[aria-busy=false]')
  assert.deepEqual(await textsOf(page, '.user-message'), ['hello'])
  assert.deepEqual(await textsOf(page, '.agent-message'), ['Hello friend!'])
  assert.deepEqual(stage.fake.received, [{ type: 'user_message', data: 'hello', expert: 'auto' }])
})

test('Stop and Escape interrupt a running turn, and only a running one', async () => {
  echo()
  const page = await stage.enter()
  await page.press('#message-input', 'Escape')
  assert.equal(await page.isDisabled('#stop-btn'), true)
  await ask(page, 'one')
  await page.waitForSelector('#stop-btn:enabled')
  await page.click('#stop-btn')
  await until('Stop is sent', () => stage.fake.received.at(-1)?.type === 'interrupt')
  stage.fake.say({ type: 'agent', data: 'cut', expert: null })
  await page.waitForSelector('#stop-btn:disabled')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'message-input')
  await ask(page, 'two')
  await page.waitForSelector('#stop-btn:enabled')
  await page.press('#message-input', 'Escape')
  await until('Escape is sent', () => stage.fake.received.at(-1)?.type === 'interrupt')
  const sent = stage.fake.received.map(({ type }) => type)
  assert.deepEqual(sent, ['user_message', 'interrupt', 'user_message', 'interrupt'])
})

test('empty text is not sent, and ArrowUp and ArrowDown recall what was', async () => {
  const page = await stage.enter()
  await ask(page, '   ')
  await ask(page, 'first')
  await ask(page, 'second')
  await until('both arrive', () => stage.fake.received.length === 2)
  await page.fill('#message-input', 'draft')
  const seen: string[] = []
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown']) {
    await page.press('#message-input', key)
    seen.push(await page.inputValue('#message-input'))
  }
  assert.deepEqual(seen, ['second', 'first', 'first', 'second', 'draft'])
})

test('the chosen expert goes with the message, and auto takes over when it is gone', async () => {
  stage.fake.experts = [expert('general@w1'), expert('coder@w2')]
  const page = await stage.enter()
  await page
    .locator('#expert-select option', { hasText: 'coder@w2' })
    .waitFor({ state: 'attached' })
  await page.selectOption('#expert-select', 'coder@w2')
  await ask(page, 'hi')
  await until('it arrives', () => stage.fake.received.length === 1)
  assert.deepEqual(stage.fake.received[0], {
    type: 'user_message',
    data: 'hi',
    expert: 'coder@w2',
  })
  stage.fake.experts = [expert('general@w1')]
  await page.waitForFunction(
    () => (document.querySelector('#expert-select') as HTMLSelectElement | null)?.value === 'auto',
  )
})

test('a lost socket turns the light red; the page comes back by itself and goes green', async () => {
  const page = await stage.enter()
  stage.fake.socketsRefused = true
  stage.fake.dropSockets()
  await page.waitForSelector('#status-light.light-lost')
  assert.match((await page.getAttribute('#status-light', 'aria-label')) ?? '', /connection lost/)
  assert.match((await page.textContent('#connection-status')) ?? '', /connection lost/)
  stage.fake.socketsRefused = false
  await page.waitForSelector('#status-light.light-connected')
  await ask(page, 'still there?')
  await until('it arrives', () => stage.fake.received.length === 1)
})

test('an agent that answers no more turns the light red although its socket looks open', async () => {
  const page = await stage.enter()
  await page.route('**/api/**', (route) => route.abort())
  await page.waitForSelector('#status-light.light-lost')
  await page.unroute('**/api/**')
  await page.waitForSelector('#status-light.light-connected')
})

test('a message that the agent never took comes back into the field', async () => {
  stage.fake.onMessage = () => stage.fake.dropSockets()
  const page = await stage.enter()
  await ask(page, 'precious')
  await page.getByText('It is back in the field').waitFor()
  assert.equal(await page.inputValue('#message-input'), 'precious')
})

test('an answer cut by a lost socket is completed by the whole reply', async () => {
  const page = await stage.enter()
  stage.fake.say({ type: 'agent_start', data: START })
  stage.fake.say({ type: 'agent_delta', data: 'Half' })
  await page.getByText('Half').waitFor()
  stage.fake.dropSockets()
  await page.waitForSelector('.light-lost')
  await page.waitForSelector('.light-connected')
  stage.fake.say({ type: 'agent', data: 'Half and the rest', expert: 'general@w1' })
  await page.getByText('Half and the rest').waitFor()
  assert.deepEqual(await textsOf(page, '.agent-message'), ['Half and the rest'])
})

test('log messages go to their own panel, which keeps 2,000 lines', async () => {
  const page = await stage.enter()
  for (let index = 1; index <= 2100; index++)
    stage.fake.say({ type: 'log', data: `line ${index}.` })
  await page.getByText('2000 lines').waitFor()
  await page.click('#server-log summary')
  const text = (await page.textContent('#server-log .log')) ?? ''
  assert.ok(text.startsWith('line 101.\n') && text.endsWith('line 2100.'))
  assert.equal(await page.locator('#terminal .line').count(), 0)
})

test('the self test asks every part and tells the result', async () => {
  stage.fake.experts = [expert('general@w1')]
  stage.fake.onMessage = (message) => {
    if (message.type !== 'user_message') return
    stage.fake.say({ type: 'user', data: message.data })
    stage.fake.say({ type: 'agent', data: 'Hello!', expert: 'general@w1' })
  }
  const page = await stage.enter()
  await page.click('#test-and-evaluation-btn')
  await page.getByText('experts: 1 of 1 healthy (general@w1)').waitFor()
  await page.getByText('Self test passed: 4 of 4.').waitFor()
  stage.fake.experts = []
  await page.click('#test-and-evaluation-btn')
  await page.getByText('Self test failed: 1 of 4 checks.').waitFor()
  await page.getByText('experts: no expert is healthy').waitFor()
})
