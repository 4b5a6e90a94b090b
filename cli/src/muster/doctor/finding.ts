import type { BootSettings } from '@muster/pxe/dhcp/settings.ts'

/** What one check found. `fix` says what to do; null where nothing is to be done. */
export type Finding = {
  check: string
  state: 'ok' | 'warn' | 'bad'
  text: string
  fix: string | null
}

/** Where is looked. */
export type Scene = {
  state: string
  cache: string
  /** How network boot runs here; undefined where it never ran and no option says it. */
  boot: BootSettings | undefined
  signal: AbortSignal
}

/** Collects facts and judges them. An error is a finding, too: the check could not be made. */
export type Check = (scene: Scene) => Promise<Finding[]>

export const ok = (check: string, text: string): Finding => ({
  check,
  state: 'ok',
  text,
  fix: null,
})
export const warn = (check: string, text: string, fix: string): Finding => ({
  check,
  state: 'warn',
  text,
  fix,
})
export const bad = (check: string, text: string, fix: string): Finding => ({
  check,
  state: 'bad',
  text,
  fix,
})
