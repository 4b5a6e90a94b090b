import type { DatabaseSync } from 'node:sqlite'
import type { z } from 'zod'

/** Small JSON values that outlive the process. */
export class SettingStore {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  read<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const row = this.#database.prepare('SELECT value FROM settings WHERE key = ?').get(key)
    return row ? schema.parse(JSON.parse(String(row.value))) : undefined
  }

  write(key: string, value: unknown): void {
    this.#database
      .prepare(
        'INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      )
      .run(key, JSON.stringify(value))
  }
}
