import { setTimeout as sleep } from 'node:timers/promises'

type Patience = { signal: AbortSignal; timeoutMs?: number; everyMs?: number; what: string }

/**
 * Repeats `probe` until it gives a value other than undefined or false.
 * @throws Error naming what was waited for and the last failure, after `timeoutMs` (default 60 s)
 */
export async function eventually<T>(
  probe: () => Promise<T | undefined | false>,
  { signal, timeoutMs = 60_000, everyMs = 100, what }: Patience,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let last = ''
  while (Date.now() < deadline) {
    signal.throwIfAborted()
    try {
      const value = await probe()
      if (value !== undefined && value !== false) return value
    } catch (error) {
      last = (error as Error).message
    }
    await sleep(everyMs, undefined, { signal })
  }
  throw new Error(
    `${what} did not happen within ${Math.round(timeoutMs / 1000)} s${last ? ` (last answer: ${last})` : ''}`,
  )
}
