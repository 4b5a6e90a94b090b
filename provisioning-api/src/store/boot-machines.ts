import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { ulid } from 'ulid'
import { z } from 'zod'
import { BootBinary } from '../../contract/boot.ts'
import { Facts } from '../../contract/hardware.ts'
import {
  DiskRule,
  InstallMode,
  InstallStage,
  MachineState,
  Platform,
} from '../../contract/machine.ts'

/** Machines that were seen but never accepted; made-up ones must not fill the disk. */
export const DISCOVERED_LIMIT = 1000

/** Why a machine gets nothing but its disk, and the identity it has once a person accepts it again. */
export const Conflict = z.object({
  text: z.string(),
  macs: z.array(z.string()),
  uuid: z.string(),
  platform: Platform,
  /** The ids of other machines that the same request showed. */
  others: z.array(z.string()),
})
export type Conflict = z.infer<typeof Conflict>

const json = <T>(schema: z.ZodType<T>) =>
  z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : JSON.parse(text)))
    .pipe(schema.nullable())

const Row = z.object({
  id: z.string(),
  name: z.string(),
  state: MachineState,
  reason: z.string().nullable(),
  stage: InstallStage.nullable(),
  percent: z.number().nullable(),
  mode: InstallMode.nullable(),
  disk: DiskRule.nullable(),
  erase: z.number().transform(Boolean),
  accepted_by: z.string().nullable(),
  resolved_disk: z.string().nullable(),
  /** Lower case; empty when the firmware tells none. */
  uuid: z.string(),
  vendor: z.string(),
  product: z.string(),
  serial: z.string(),
  platform: Platform.nullable(),
  cpu: z.enum(['x86_64', 'i386']).nullable(),
  chip: z.string(),
  facts: json(Facts),
  conflict: json(Conflict),
  /** SHA-256 of the one-time secret of its call-home. */
  secret_hash: z.string().nullable(),
  secret_used: z.string().nullable(),
  /** The address that used it. */
  secret_address: z.string().nullable(),
  boot_binary: BootBinary.nullable(),
  /** The last sign of life of its installation, or the end of it. */
  heard: z.string().nullable(),
  first_seen: z.string(),
  last_seen: z.string(),
})
/** A machine by its network boot. */
export type BootMachine = z.infer<typeof Row> & { macs: string[] }
/** What a first boot tells. */
export type NewBootMachine = Pick<
  BootMachine,
  'name' | 'state' | 'macs' | 'uuid' | 'vendor' | 'product' | 'serial' | 'platform' | 'cpu' | 'chip'
>
type Change = Partial<Omit<BootMachine, 'id' | 'macs' | 'first_seen'>>

/** The machines that were seen at their network boot. Call it inside a transaction to change several things. */
export class BootMachineStore {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get(id: string): BootMachine | undefined {
    return this.#many('WHERE id = ?', id)[0]
  }

  byName(name: string): BootMachine | undefined {
    return this.#many('WHERE name = ?', name)[0]
  }

  all(): BootMachine[] {
    return this.#many('ORDER BY name')
  }

  inState(state: MachineState): BootMachine[] {
    return this.#many('WHERE state = ?', state)
  }

  /** Every machine that has one of these cards. */
  withMacs(macs: readonly string[]): BootMachine[] {
    const places = macs.map(() => '?').join(',')
    return this.#many(
      `WHERE id IN (SELECT machine FROM boot_macs WHERE mac IN (${places})) ORDER BY id`,
      ...macs,
    )
  }

  /** Records a machine; of those that nobody accepted the ones seen longest ago give way. */
  insert(machine: NewBootMachine, now: number): BootMachine {
    const { macs, ...columns } = machine
    const time = new Date(now).toISOString()
    const row = { id: ulid(now).toLowerCase(), ...columns, first_seen: time, last_seen: time }
    const names = Object.keys(row)
    this.#dropOldest(DISCOVERED_LIMIT - 1)
    this.#database
      .prepare(
        `INSERT INTO boot_machines (${names.join(',')}) VALUES (${names.map(() => '?').join(',')})`,
      )
      .run(...Object.values(row))
    this.setMacs(row.id, macs)
    return this.#present(row.id)
  }

  update(id: string, change: Change): BootMachine {
    const entries = Object.entries(change)
    if (entries.length > 0)
      this.#database
        .prepare(`UPDATE boot_machines SET ${entries.map(([key]) => `${key} = ?`)} WHERE id = ?`)
        .run(...entries.map(([, value]) => stored(value)), id)
    return this.#present(id)
  }

  /** Gives a machine exactly these cards; another one that had them loses them. */
  setMacs(id: string, macs: readonly string[]): void {
    this.#database.prepare('DELETE FROM boot_macs WHERE machine = ?').run(id)
    const insert = this.#database.prepare('INSERT OR REPLACE INTO boot_macs VALUES (?, ?, ?)')
    for (const [position, mac] of macs.entries()) insert.run(mac, id, position)
  }

  #dropOldest(keep: number): void {
    this.#database
      .prepare(
        `DELETE FROM boot_machines WHERE id IN (
           SELECT id FROM boot_machines
           WHERE state = 'discovered' AND accepted_by IS NULL AND boot_binary IS NULL
           ORDER BY last_seen DESC, id DESC LIMIT -1 OFFSET ?)`,
      )
      .run(keep)
  }

  #present(id: string): BootMachine {
    const machine = this.get(id)
    if (!machine) throw new Error(`the record ${id} is gone`)
    return machine
  }

  #many(where: string, ...values: string[]): BootMachine[] {
    const rows = this.#database.prepare(`SELECT * FROM boot_machines ${where}`).all(...values)
    const macs = this.#database.prepare(
      'SELECT mac FROM boot_macs WHERE machine = ? ORDER BY position',
    )
    return rows.map((row) => ({
      ...Row.parse(row),
      macs: macs.all(String(row.id)).map(({ mac }) => String(mac)),
    }))
  }
}

function stored(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value !== null && typeof value === 'object') return JSON.stringify(value)
  return value as SQLInputValue
}
