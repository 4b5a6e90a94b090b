import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

const MachineRow = z.object({
  name: z.string(),
  ip_address: z.string(),
  first_seen: z.string(),
  last_seen: z.string(),
  previous_addresses: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.array(z.string())),
})
export type MachineRow = z.infer<typeof MachineRow>

/** Earlier addresses that are kept: an open window must not let a record grow without end. */
const HISTORY_LIMIT = 20

/** The machines that were accepted once. */
export class MachineStore {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get(name: string): MachineRow | undefined {
    const row = this.#database.prepare('SELECT * FROM machines WHERE name = ?').get(name)
    return row ? MachineRow.parse(row) : undefined
  }

  all(): MachineRow[] {
    const rows = this.#database.prepare('SELECT * FROM machines ORDER BY name').all()
    return rows.map((row) => MachineRow.parse(row))
  }

  /** Adds the machine, or renews it: a changed address goes to the end of its history. */
  record(name: string, address: string, now = new Date().toISOString()): void {
    const known = this.get(name)
    const history = known?.previous_addresses ?? []
    if (known && known.ip_address !== address) history.push(known.ip_address)
    this.#database
      .prepare(
        `INSERT INTO machines VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         ip_address = excluded.ip_address, last_seen = excluded.last_seen,
         previous_addresses = excluded.previous_addresses`,
      )
      .run(
        name,
        address,
        known?.first_seen ?? now,
        now,
        JSON.stringify(history.slice(-HISTORY_LIMIT)),
      )
  }
}
