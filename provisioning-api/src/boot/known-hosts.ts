import { isThere } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import type { Logger } from 'pino'

/** SSH's memory of host keys. A machine that was installed again has another one. */
export class KnownHosts {
  readonly #file: string
  readonly #logger: Logger
  #tail: Promise<void> = Promise.resolve()

  constructor(file: string, logger: Logger) {
    this.#file = file
    this.#logger = logger
  }

  /** Never rejects: a key that stays is told by the run that meets it. One rewriting at a time. */
  forget(addresses: readonly string[]): Promise<void> {
    this.#tail = this.#tail
      .then(() => this.#forget(addresses))
      .catch((error) => this.#logger.warn(error, 'An old SSH host key could not be forgotten.'))
    return this.#tail
  }

  async #forget(addresses: readonly string[]): Promise<void> {
    if (!(await isThere(this.#file))) return
    for (const address of addresses)
      await execa('ssh-keygen', ['-R', address, '-f', this.#file], { stdin: 'ignore' })
  }
}
