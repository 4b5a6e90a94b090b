import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { BrowserContextOptions, Page } from 'playwright-core'

/** What the page must look well in. */
export const LOOKS: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  '375 px wide': { viewport: { width: 375, height: 812 } },
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Rule ids with the elements that break them. */
export async function axe(page: Page): Promise<string[]> {
  // Evaluated, not added as a script element: the page's CSP would refuse that.
  await page.evaluate(await readFile(AXE, 'utf8'))
  return page.evaluate(async (tags) => {
    type Axe = {
      run: (options: object) => Promise<{
        passes: unknown[]
        violations: { id: string; nodes: { html: string }[] }[]
      }>
    }
    const runner = (globalThis as unknown as { axe: Axe }).axe
    const { passes, violations } = await runner.run({ runOnly: tags })
    if (passes.length < 20) return [`only ${passes.length} rules ran`]
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }, TAGS)
}

/** Pixels that the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
