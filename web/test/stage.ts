import { after, afterEach, before, beforeEach } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { buildPage } from '../build.ts'
import { openBrowser } from './browser.ts'
import { FakeAgent } from './fake-agent.ts'

/** Violations of the CSP and uncaught errors seen by a page. */
export type Complaints = { csp: string[]; errors: string[] }

/** One browser for the tests of a file, and a fresh fake agent for each test. */
export class Stage {
  fake!: FakeAgent
  #browser!: Browser

  constructor() {
    before(async () => {
      await buildPage()
      this.#browser = await openBrowser()
    })
    beforeEach(async () => {
      this.fake = await FakeAgent.start()
    })
    afterEach(async () => {
      for (const context of this.#browser.contexts()) await context.close()
      await this.fake.close()
    })
    after(() => this.#browser.close())
  }

  /** Opens the page signed out. */
  async open(options: BrowserContextOptions = {}): Promise<Page & { complaints: Complaints }> {
    const context = await this.#browser.newContext({
      viewport: { width: 1360, height: 900 },
      timezoneId: 'UTC',
      ...options,
    })
    const complaints: Complaints = { csp: [], errors: [] }
    await context.exposeFunction('reportCsp', (text: string) => complaints.csp.push(text))
    await context.addInitScript(watchCsp)
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    page.on('pageerror', (error) => complaints.errors.push(error.message))
    await page.goto(this.fake.url)
    return Object.assign(page, { complaints })
  }

  /** Opens the page and signs in. */
  async enter(options: BrowserContextOptions = {}): Promise<Page & { complaints: Complaints }> {
    const page = await this.open(options)
    await page.fill('#api-key-input', this.fake.key)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.light-connected')
    return page
  }
}

/** Runs in the page. */
function watchCsp(): void {
  document.addEventListener('securitypolicyviolation', (event) => {
    const report = (globalThis as unknown as { reportCsp: (text: string) => void }).reportCsp
    report(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
  })
}

/** Waits until a condition holds, and fails with its name when it does not. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
