import type { Logger } from 'pino'
import { readTail } from '../jobs/job-log.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { atomically, type BootParts, happen } from './boot-parts.ts'
import { passedDeadline } from './deadlines.ts'

const EVERY_MS = 15_000
const LAST_LINES = 3
const MAX_TAIL_BYTES = 4096

/** Gives machines up that were silent for too long. */
export class Watchdog {
  readonly #parts: BootParts
  readonly #logger: Logger
  readonly #since: number
  readonly #timer: NodeJS.Timeout

  constructor(parts: BootParts, logger: Logger) {
    this.#parts = parts
    this.#logger = logger
    this.#since = parts.now()
    this.#timer = setInterval(() => void this.#lookOrTell(), EVERY_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Looks once at every machine that is waited for. */
  async look(): Promise<void> {
    const { bootMachines, now } = this.#parts
    for (const machine of [
      ...bootMachines.inState('installing'),
      ...bootMachines.inState('installed'),
    ]) {
      const reason = passedDeadline(machine, now(), this.#since)
      if (reason) await this.#giveUp(machine, reason)
    }
  }

  async #giveUp({ id }: BootMachine, reason: string): Promise<void> {
    const parts = this.#parts
    const said = await lastLines(parts.logs.file(id))
    atomically(parts, () => {
      const machine = parts.bootMachines.get(id)
      // It may have been heard while its log was read.
      if (!machine || !passedDeadline(machine, parts.now(), this.#since)) return
      const full = said.length > 0 ? `${reason} The last lines: ${said.join(' / ')}` : reason
      happen(parts, machine, 'deadline-passed', { reason: full, percent: null })
      parts.grants.revoke(id)
      this.#logger.warn({ machine: machine.name, reason }, 'a machine was given up')
    })
    parts.logs.append(id, `given up: ${reason}`, parts.now())
  }

  async #lookOrTell(): Promise<void> {
    try {
      await this.look()
    } catch (error) {
      this.#logger.error(error, 'Installing machines could not be looked at; trying again.')
    }
  }
}

async function lastLines(file: string): Promise<string[]> {
  const lines = (await readTail(file, MAX_TAIL_BYTES)).split('\n').filter(Boolean)
  return lines.slice(-LAST_LINES).map((line) => line.slice(0, 200))
}
