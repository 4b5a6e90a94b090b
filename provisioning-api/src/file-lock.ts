import { setTimeout as sleep } from 'node:timers/promises'
import { MusterError } from '@muster/base/errors.ts'
import lockfile from 'proper-lockfile'

/** A dead holder's lock is taken over after this time; a living one renews it. */
const STALE_MS = 5000
/** Longer than STALE_MS, so that one call outlives the lock of a process that was killed. */
export const LOCK_DEADLINE_MS = 8000
const RETRY_MS = 25

export type LockSettings = { deadlineMs?: number }
/** Throws when another process took the lock over: nothing may be written then. */
export type AssertHeld = () => void

/**
 * Runs `work` while this process alone holds `<file>.lock`. The file itself need not exist.
 * @throws MusterError `inventory-locked` when the lock is not to be had within the deadline
 */
export async function withFileLock<T>(
  file: string,
  work: (assertHeld: AssertHeld) => Promise<T>,
  { deadlineMs = LOCK_DEADLINE_MS }: LockSettings = {},
): Promise<T> {
  let compromised: Error | undefined
  const onCompromised = (error: Error) => {
    compromised = error
  }
  const release = await acquire(file, onCompromised, Date.now() + deadlineMs)
  try {
    return await work(() => {
      if (compromised) throw new MusterError('inventory-locked', {}, { cause: compromised })
    })
  } finally {
    await release().catch(() => undefined)
  }
}

async function acquire(
  file: string,
  onCompromised: (error: Error) => void,
  deadline: number,
): Promise<() => Promise<void>> {
  for (;;) {
    try {
      return await lockfile.lock(file, { realpath: false, stale: STALE_MS, onCompromised })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
      if (Date.now() >= deadline) throw new MusterError('inventory-locked', {}, { cause: error })
    }
    await sleep(RETRY_MS)
  }
}
