import { createHash, randomBytes } from 'node:crypto'
import type { Caller } from '@muster/base/api-keys.ts'

export const SESSION_SECONDS = 12 * 3600
export const SESSION_COOKIE = 'muster_session'
const MAX_SESSIONS = 10_000

/** Cookie sessions of the page: a random id each, kept hashed, gone with the process. */
export class Sessions {
  readonly #live = new Map<string, { caller: Caller; expires: number }>()

  open(caller: Caller, now = Date.now()): string {
    this.#sweep(now)
    const id = randomBytes(32).toString('base64url')
    this.#live.set(hash(id), { caller, expires: now + SESSION_SECONDS * 1000 })
    return id
  }

  find(id: string, now = Date.now()): Caller | undefined {
    const session = this.#live.get(hash(id))
    return session && session.expires > now ? session.caller : undefined
  }

  close(id: string): void {
    this.#live.delete(hash(id))
  }

  /** Sessions expire in the order they were opened. */
  #sweep(now: number): void {
    for (const [id, { expires }] of this.#live) {
      if (expires > now && this.#live.size < MAX_SESSIONS) return
      this.#live.delete(id)
    }
  }
}

const hash = (id: string): string => createHash('sha256').update(id).digest('hex')
