/** Machines by their network boot, apart from `machines`: the ones that called home, by name. */
export const BOOT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS boot_machines (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    reason TEXT,
    stage TEXT,
    percent REAL,
    mode TEXT,
    disk TEXT,
    erase INTEGER NOT NULL DEFAULT 0,
    accepted_by TEXT,
    resolved_disk TEXT,
    uuid TEXT NOT NULL,
    vendor TEXT NOT NULL,
    product TEXT NOT NULL,
    serial TEXT NOT NULL,
    platform TEXT,
    cpu TEXT,
    chip TEXT NOT NULL,
    facts TEXT,
    conflict TEXT,
    secret_hash TEXT,
    secret_used TEXT,
    secret_address TEXT,
    boot_binary TEXT,
    heard TEXT,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS boot_machines_by_state ON boot_machines (state, last_seen);
  CREATE TABLE IF NOT EXISTS boot_macs (
    mac TEXT PRIMARY KEY,
    machine TEXT NOT NULL REFERENCES boot_machines (id) ON DELETE CASCADE,
    position INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS boot_macs_of_machine ON boot_macs (machine, position);
  CREATE TABLE IF NOT EXISTS boot_grants (
    hash TEXT PRIMARY KEY,
    machine TEXT NOT NULL REFERENCES boot_machines (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used TEXT NOT NULL DEFAULT '[]',
    revoked INTEGER NOT NULL DEFAULT 0,
    address TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS boot_grants_of_machine ON boot_grants (machine, created);
  CREATE INDEX IF NOT EXISTS boot_grants_by_address ON boot_grants (address, revoked);
`
