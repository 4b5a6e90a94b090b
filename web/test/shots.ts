// Takes the pictures of the page: node web/test/shots.ts FOLDER
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { buildPage } from '../build.ts'
import { openBrowser } from './browser.ts'
import { FakeAgent } from './fake-agent.ts'
import { fillCluster, fillShelf } from './samples.ts'

const folder = path.resolve(process.argv[2] ?? 'shots')
await mkdir(folder, { recursive: true })
await buildPage()
const fake = await FakeAgent.start()
fillCluster(fake)
const browser = await openBrowser()
const SHOTS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  { name: 'mobile', colorScheme: 'light', viewport: { width: 375, height: 812 } },
] as const
for (const { name, ...options } of SHOTS) {
  const page = await browser.newPage(options)
  await page.goto(fake.url)
  await page.waitForSelector('#api-key-input')
  await page.screenshot({ path: path.join(folder, `${name}-signed-out.png`) })
  await page.fill('#api-key-input', fake.key)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.light-connected')
  fake.say({ type: 'user', data: 'Which machine has the most memory?' })
  fake.say({
    type: 'agent_start',
    data: { expert: 'general@w1', reason: 'healthy cluster expert' },
  })
  fake.say({ type: 'agent', data: 'w2, with 16 GB. It is being configured now.', expert: null })
  fake.say({ type: 'error', data: 'The expert died before the answer was complete. Ask again.' })
  fake.say({ type: 'user', data: 'And how do I add another one?' })
  fake.say({
    type: 'agent_start',
    data: { expert: 'embedded', reason: 'no cluster expert is healthy' },
  })
  fake.say({ type: 'agent_delta', data: 'Boot it from the network while enrolment is' })
  await page.click('[data-machine=w2] summary')
  await page.waitForSelector('.streaming')
  await page.waitForSelector('[data-machine=w2] .log:not(:empty)')
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true })
  await page.close()
  await shelf(name, options)
}
await browser.close()
await fake.close()

/** Network boot: the list with all that can be unfolded, the form, the form of the accept window. */
async function shelf(name: string, options: BrowserContextOptions): Promise<void> {
  const before = { machines: fake.machines, window: fake.installer.acceptWindow }
  fillShelf(fake)
  const page = await browser.newPage(options)
  const shoot = (what: string, fullPage = false) =>
    page.screenshot({ path: path.join(folder, `${name}-${what}.png`), fullPage })
  await page.goto(fake.url)
  await page.fill('#api-key-input', fake.key)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#accept-window')
  for (const summary of await page.locator('[data-machine=p3] summary, .window summary').all())
    await summary.click()
  await page.waitForSelector('[data-machine=p3] .log:not(:empty)')
  await shoot('shelf', true)
  await page.getByRole('button', { name: 'Accept pc-1a2b3c' }).click()
  await shoot('accept')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Reinstall p5' }).click()
  await page.getByLabel('Erase what is on the disk').check()
  await shoot('reinstall')
  await page.close()
  fake.machines = before.machines
  fake.installer.acceptWindow = before.window
}
