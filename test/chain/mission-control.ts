import type { Browser, Page } from 'playwright-core'

/** A person at the page of a running appliance. */
export class MissionControl {
  readonly #page: Page

  private constructor(page: Page) {
    this.#page = page
  }

  static async signIn(
    browser: Browser,
    { url, apiKey }: { url: string; apiKey: string },
  ): Promise<MissionControl> {
    const page = await browser.newPage({ viewport: { width: 1360, height: 900 } })
    page.setDefaultTimeout(20_000)
    await page.goto(url)
    await page.fill('#api-key-input', apiKey)
    await page.keyboard.press('Enter')
    await page.waitForSelector('#sign-out-btn')
    return new MissionControl(page)
  }

  /** Chooses an expert by hand; resolves once the page offers it. */
  async choose(expert: string): Promise<void> {
    await this.#page.selectOption('#expert-select', expert)
  }

  /** Types a question and presses Enter. */
  async ask(question: string): Promise<void> {
    await this.#page.fill('#message-input', question)
    await this.#page.keyboard.press('Enter')
  }

  /** Resolves with the caption and the text of the newest answer once its first token shows. */
  async firstToken(before: number): Promise<void> {
    await this.#page.waitForFunction(
      (count) => {
        const answers = document.querySelectorAll('#terminal .agent-message .line-text')
        return (
          answers.length > count &&
          (answers[answers.length - 1]?.textContent ?? '').trim() !== 'Agent:'
        )
      },
      before,
      { polling: 10 },
    )
  }

  async wholeAnswer(before: number): Promise<{ caption: string; text: string }> {
    await this.#page.waitForFunction((count) => {
      const answers = document.querySelectorAll('#terminal .agent-message')
      return answers.length > count && !answers[answers.length - 1]?.classList.contains('streaming')
    }, before)
    const last = this.#page.locator('#terminal .agent-message').last()
    return {
      caption: (await last.locator('.caption').textContent()) ?? '',
      text: ((await last.locator('.line-text').textContent()) ?? '').replace(/^Agent: /, ''),
    }
  }

  /** Answers on the page so far. */
  answers(): Promise<number> {
    return this.#page.locator('#terminal .agent-message').count()
  }

  /** The text of the newest error line. */
  async error(): Promise<string> {
    return (await this.#page.locator('#terminal .error').last().textContent()) ?? ''
  }

  async machineText(name: string): Promise<string> {
    return (
      (await this.#page
        .locator('section', { hasText: 'Machines' })
        .locator('li', { hasText: name })
        .first()
        .textContent()) ?? ''
    )
  }

  async screenshot(file: string): Promise<void> {
    await this.#page.screenshot({ path: file, fullPage: true })
  }
}
