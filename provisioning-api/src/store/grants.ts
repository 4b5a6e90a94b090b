import { createHash, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

/** A grant lasts this long after the last sign of life. */
export const GRANT_MS = 60 * 60_000
/** Grants of one machine that nobody used: each request of an accepted machine makes one. */
const UNUSED_LIMIT = 8

/** What one grant opens, each once. */
export const Artefact = z.enum(['facts', 'identity', 'preseed', 'partman', 'late', 'installed'])
export type Artefact = z.infer<typeof Artefact>

const Row = z.object({
  hash: z.string(),
  machine: z.string(),
  /** Milliseconds since 1970. */
  created: z.number(),
  expires: z.number(),
  used: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.array(Artefact)),
  revoked: z.number().transform(Boolean),
  /** Where it was used last. */
  address: z.string().nullable(),
})
export type Grant = z.infer<typeof Row>

export const sha256Hex = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex')

/** The one-shot permissions to install a machine. Only their hashes are kept. */
export class GrantStore {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** @returns the grant itself, 128 bit as 32 hex digits: told once */
  mint(machine: string, now: number): string {
    const token = randomBytes(16).toString('hex')
    this.#dropUnused(machine, now)
    this.#database
      .prepare('INSERT INTO boot_grants (hash, machine, created, expires) VALUES (?, ?, ?, ?)')
      .run(sha256Hex(token), machine, now, now + GRANT_MS)
    return token
  }

  find(token: string): Grant | undefined {
    const row = this.#database
      .prepare('SELECT * FROM boot_grants WHERE hash = ?')
      .get(sha256Hex(token))
    return row ? Row.parse(row) : undefined
  }

  /** Marks a use, and that the grant's holder lives: 60 minutes from now. */
  use(grant: Grant, use: { artefact?: Artefact; address: string; now: number }): void {
    const used = use.artefact ? [...grant.used, use.artefact] : grant.used
    this.#database
      .prepare('UPDATE boot_grants SET used = ?, expires = ?, address = ? WHERE hash = ?')
      .run(JSON.stringify(used), use.now + GRANT_MS, use.address, grant.hash)
  }

  /** @param except a grant that stays */
  revoke(machine: string, except = ''): void {
    this.#database
      .prepare('UPDATE boot_grants SET revoked = 1 WHERE machine = ? AND hash <> ?')
      .run(machine, except)
  }

  /** The machine whose grant was used last from this address and still stands. */
  machineAt(address: string): string | undefined {
    const row = this.#database
      .prepare(
        `SELECT machine FROM boot_grants WHERE address = ? AND revoked = 0
         ORDER BY expires DESC LIMIT 1`,
      )
      .get(address)
    return row ? String(row.machine) : undefined
  }

  #dropUnused(machine: string, now: number): void {
    this.#database
      .prepare('DELETE FROM boot_grants WHERE machine = ? AND expires < ?')
      .run(machine, now - 24 * GRANT_MS)
    this.#database
      .prepare(
        `DELETE FROM boot_grants WHERE hash IN (
           SELECT hash FROM boot_grants WHERE machine = ? AND used = '[]' AND revoked = 0
           ORDER BY created DESC LIMIT -1 OFFSET ?)`,
      )
      .run(machine, UNUSED_LIMIT - 1)
  }
}
