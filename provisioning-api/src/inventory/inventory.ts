import { readFile } from 'node:fs/promises'
import { replaceFile } from '@muster/base/atomic-file.ts'
import { LOCK_DEADLINE_MS, type LockSettings, withFileLock } from '../file-lock.ts'
import { withHost } from './document.ts'

/** The exported inventory file: complete and readable at every instant, other writers' content kept. */
export class Inventory {
  readonly #file: string
  readonly #deadlineMs: number
  #tail: Promise<unknown> = Promise.resolve()

  constructor(file: string, { deadlineMs = LOCK_DEADLINE_MS }: LockSettings = {}) {
    this.#file = file
    this.#deadlineMs = deadlineMs
  }

  /** Resolves once the host is on disk. Calls of this process queue here instead of at the lock. */
  setHost(name: string, address: string): Promise<void> {
    const deadline = Date.now() + this.#deadlineMs
    const turn = this.#tail.then(() => this.#write({ name, address }, deadline))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  #write({ name, address }: { name: string; address: string }, deadline: number): Promise<void> {
    return withFileLock(
      this.#file,
      async (assertHeld) => {
        const before = await readIfThere(this.#file)
        const after = withHost(before, name, address)
        if (after === before) return
        assertHeld()
        await replaceFile(this.#file, after)
      },
      { deadlineMs: Math.max(0, deadline - Date.now()) },
    )
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
