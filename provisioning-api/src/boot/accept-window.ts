import { z } from 'zod'
import { AcceptWindow, type AcceptWindowRequest } from '../../contract/boot.ts'
import type { SettingStore } from '../store/settings.ts'

const KEY = 'accept-window'
const Stored = AcceptWindow.omit({ open: true }).extend({ until: z.string(), by: z.string() })
type Stored = z.infer<typeof Stored>

const CLOSED: AcceptWindow = {
  open: false,
  until: null,
  macs: [],
  mode: 'image',
  disk: 'only',
  erase: false,
}

/** The time in which machines of a list are accepted when they are seen. It outlives the process. */
export class AcceptWindowStore {
  readonly #settings: SettingStore
  readonly #now: () => number

  constructor(settings: SettingStore, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  /** @param by the id of the key that opens it */
  open({ minutes, ...rest }: AcceptWindowRequest, by: string): void {
    const until = new Date(this.#now() + minutes * 60_000).toISOString()
    this.#settings.write(KEY, { ...rest, until, by } satisfies Stored)
  }

  current(): AcceptWindow {
    const stored = this.#stored()
    if (!stored) return CLOSED
    const { by: _, ...window } = stored
    return { ...window, open: true }
  }

  /** What a machine with these cards is accepted with now, and by whom; undefined when it is not. */
  admits(macs: readonly string[]): Stored | undefined {
    const stored = this.#stored()
    return stored?.macs.some((mac) => macs.includes(mac)) ? stored : undefined
  }

  #stored(): Stored | undefined {
    const stored = this.#settings.read<Stored>(KEY, Stored)
    return stored && Date.parse(stored.until) > this.#now() ? stored : undefined
  }
}
