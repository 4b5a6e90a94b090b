import { setTimeout as sleep } from 'node:timers/promises'

/** Thrown by a probe that knows that waiting is of no use. */
export class GivenUp extends Error {}

/** Waits for a condition, never for a time. @throws Error naming it after `seconds` (default 60) */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  seconds = 60,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  let last = ''
  while (Date.now() < deadline) {
    try {
      const value = await probe()
      if (value !== undefined && value !== false) return value
    } catch (error) {
      if (error instanceof GivenUp) throw error
      last = (error as Error).message
    }
    await sleep(50)
  }
  throw new Error(`${what}: not within ${seconds} s${last ? ` (${last})` : ''}`)
}
