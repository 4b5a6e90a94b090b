import { type Browser, chromium } from 'playwright-core'

/** Debian's Chromium (or MUSTER_CHROMIUM), kept from looking anything up on the internet. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.MUSTER_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
