import { DatabaseSync } from 'node:sqlite'
import { BOOT_SCHEMA } from './boot-schema.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS machines (
    name TEXT PRIMARY KEY,
    ip_address TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    previous_addresses TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE TABLE IF NOT EXISTS jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    machine TEXT NOT NULL,
    ip_address TEXT NOT NULL,
    state TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    phase TEXT,
    stage TEXT,
    reason TEXT,
    created TEXT NOT NULL,
    started TEXT,
    ended TEXT,
    pid INTEGER,
    pid_start TEXT
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS one_active_job
    ON jobs (machine) WHERE state IN ('queued', 'running');
  CREATE INDEX IF NOT EXISTS jobs_of_machine ON jobs (machine, sequence);
  CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`

/** Opens the store. A committed row survives a power cut. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;')
  database.exec(SCHEMA)
  database.exec(BOOT_SCHEMA)
  return database
}

/** All of `work` or nothing of it. `work` must not await: the connection is shared. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

const CONSTRAINT_UNIQUE = 2067
const DATABASE_FULL = 13

const sqliteCode = (error: unknown): number | undefined => (error as { errcode?: number }).errcode
export const isUniqueViolation = (error: unknown): boolean =>
  sqliteCode(error) === CONSTRAINT_UNIQUE
export const isDatabaseFull = (error: unknown): boolean => sqliteCode(error) === DATABASE_FULL
