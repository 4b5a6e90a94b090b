import { z } from 'zod'
import type { Enrolment } from '../contract/job.ts'
import type { SettingStore } from './store/settings.ts'

const KEY = 'enrolment'
/** `until` stays when a person closes a window early, so that a restart within it does not open another. */
const Stored = z.object({
  until: z.string(),
  machine: z.string().nullable(),
  closed: z.boolean(),
})
type Stored = z.infer<typeof Stored>

/** The time in which machines without a credential may call home. It outlives the process. */
export class EnrolmentWindow {
  readonly #settings: SettingStore

  constructor(settings: SettingStore) {
    this.#settings = settings
  }

  /** At start: opens a window, unless one is still open or was closed by a person before its end. */
  begin(minutes: number, now = Date.now()): void {
    const stored = this.#stored()
    if (minutes > 0 && !(stored && Date.parse(stored.until) > now)) this.open(minutes, null, now)
  }

  open(minutes: number, machine: string | null = null, now = Date.now()): void {
    const until = new Date(now + minutes * 60_000).toISOString()
    this.#settings.write(KEY, { until, machine, closed: false } satisfies Stored)
  }

  close(): void {
    const stored = this.#stored()
    if (stored) this.#settings.write(KEY, { ...stored, closed: true } satisfies Stored)
  }

  current(now = Date.now()): Enrolment {
    const stored = this.#stored()
    const open = stored !== undefined && !stored.closed && Date.parse(stored.until) > now
    return open
      ? { open, until: stored.until, machine: stored.machine }
      : { open: false, until: null, machine: null }
  }

  admits(machine: string, now = Date.now()): boolean {
    const window = this.current(now)
    return window.open && (window.machine === null || window.machine === machine)
  }

  #stored(): Stored | undefined {
    return this.#settings.read<Stored>(KEY, Stored)
  }
}
