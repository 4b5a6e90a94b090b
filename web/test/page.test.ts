import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { axe, LOOKS, overflow } from './looks.ts'
import { expert, fillCluster, machine } from './samples.ts'
import { Stage, until } from './stage.ts'

const stage = new Stage()
for (const [name, options] of Object.entries(LOOKS))
  test(`axe finds nothing, signed out and in (${name})`, async () => {
    fillCluster(stage.fake)
    const page = await stage.open({ ...options, reducedMotion: 'reduce' })
    await page.fill('#api-key-input', 'wrong')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#sign-in-notice:not(:empty)')
    assert.deepEqual(await axe(page), [])
    await page.fill('#api-key-input', stage.fake.key)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.light-connected')
    stage.fake.say({ type: 'user', data: 'hello' })
    stage.fake.say({ type: 'error', data: 'No expert is available.' })
    stage.fake.say({ type: 'agent', data: 'Hello!', expert: 'general@w1' })
    stage.fake.say({ type: 'log', data: 'a line' })
    await page.click('[data-machine=w2] summary')
    await page.click('#server-log summary')
    await page.waitForSelector('#server-log .log:not(:empty)')
    await page.waitForSelector('.agent-message')
    assert.deepEqual(await axe(page), [])
    assert.equal(await overflow(page), 0)
  })

test('every original id is on the page, before and after the sign-in', async () => {
  const ids =
    'status-light controls admin-ui-links test-and-evaluation-btn save-name-input save-state-btn load-state-btn terminal robot-art status-display input-area message-input'.split(
      ' ',
    )
  const page = await stage.open()
  await page.waitForSelector('#api-key-input')
  const missing = () =>
    page.evaluate((all) => all.filter((id) => !document.getElementById(id)), ids)
  assert.deepEqual(await missing(), [])
  await page.fill('#api-key-input', stage.fake.key)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.light-connected')
  assert.deepEqual(await missing(), [])
})

test('HTML in names, logs, reasons and answers stays text, and the CSP has nothing to report', async () => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
  fillCluster(stage.fake)
  stage.fake.machines = [
    machine('w1', { reason: evil, stage: evil, ip_address: evil, state: 'failed' }),
  ]
  stage.fake.experts = [expert(evil, { model: evil, node: evil })]
  stage.fake.logs.set('job-w1', { text: evil, done: true })
  stage.fake.links = [
    { name: evil, url: 'javascript:document.title=3' },
    { name: 'fine', url: `http://h/"${evil}` },
  ]
  stage.fake.status = evil
  const page = await stage.enter()
  await page.click('[data-machine=w1] summary')
  await page.click('#server-log summary')
  stage.fake.say({ type: 'log', data: evil })
  stage.fake.say({ type: 'user', data: evil })
  stage.fake.say({ type: 'agent_start', data: { expert: evil, reason: evil } })
  stage.fake.say({ type: 'agent', data: evil, expert: null })
  stage.fake.say({ type: 'error', data: evil })
  await page.waitForSelector('#terminal .error')
  await page.waitForSelector('#server-log .log:not(:empty)')
  await page.waitForSelector('[data-machine=w1] .log:not(:empty)')
  await page.waitForSelector('#admin-ui-links li')
  assert.equal(await page.locator('#app img, #app script, a[href^="javascript"]').count(), 0)
  assert.match(await page.title(), /^Mission Control/)
  assert.equal(await page.textContent('.agent-message .line-text'), `Agent: ${evil}`)
  assert.deepEqual(page.complaints, { csp: [], errors: [] })
})

test('the CSP watch of these tests does see a violation', async () => {
  const page = await stage.open()
  await page.evaluate(() =>
    document.body.insertAdjacentHTML('beforeend', '<b style="color:red">x</b>'),
  )
  await until('it is seen', () => page.complaints.csp.length > 0)
})

test('everything works with the keyboard alone, in the order of the page', async () => {
  fillCluster(stage.fake)
  stage.fake.machines = [machine('w3', { state: 'failed', reason: 'no', actions: ['provision'] })]
  const page = await stage.open()
  await page.waitForFunction(() => document.activeElement?.id === 'api-key-input')
  await page.keyboard.type(stage.fake.key)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.id === 'message-input')
  await page.waitForSelector('.light-connected')
  await page.waitForSelector('[data-machine=w3]')
  await page.waitForSelector('#admin-ui-links a')
  const stops: string[] = []
  for (let count = 0; count < 14; count++) {
    await page.keyboard.press('Tab')
    stops.push(await page.evaluate(nameOfFocus))
  }
  assert.deepEqual(stops, [
    'Agent log',
    'the browser',
    'Skip to the chat',
    'sign-out-btn',
    'Start-up',
    'Provision again',
    'log-w3',
    'Accept machines by their MAC address',
    'test-and-evaluation-btn',
    'Consul',
    'save-name-input',
    'expert-select',
    'terminal',
    'message-input',
  ])
  await page.focus('.skip-link')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.id === 'message-input')
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await until('the message arrives', () => stage.fake.received.length === 1)
  stage.fake.say({ type: 'user', data: 'hello' })
  await page.waitForSelector('.user-message')
  await page.keyboard.press('Escape')
  await until('the interrupt arrives', () => stage.fake.received.at(-1)?.type === 'interrupt')
})

/** Runs in the page: the focused element by id, or by the first words of its text. */
function nameOfFocus(): string {
  const focused = document.activeElement
  if (!focused || focused === document.body) return 'the browser'
  if (getComputedStyle(focused).outlineStyle === 'none') return 'no visible focus'
  const words = focused.id || (focused.querySelector('h2') ?? focused).firstChild?.textContent
  return (words ?? '').trim()
}

test('the page is light: at most 60 kB of script and 15 kB of style, compressed', async () => {
  const assets = path.resolve(import.meta.dirname, '../dist/assets')
  const sizes = { js: 0, css: 0 }
  for (const file of await readdir(assets)) {
    const size = gzipSync(await readFile(path.join(assets, file))).length
    if (file.endsWith('.js')) sizes.js += size
    if (file.endsWith('.css')) sizes.css += size
  }
  assert.ok(sizes.js > 0 && sizes.js <= 60_000, `${sizes.js} bytes of script`)
  assert.ok(sizes.css > 0 && sizes.css <= 15_000, `${sizes.css} bytes of style`)
})
