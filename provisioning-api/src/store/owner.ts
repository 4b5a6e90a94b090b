import type { DatabaseSync } from 'node:sqlite'
import { identify, isAlive, type ProcessId } from '@muster/base/process-id.ts'
import { z } from 'zod'
import { transaction } from './database.ts'
import { SettingStore } from './settings.ts'

const Owner = z.object({ pid: z.number(), start: z.string() })

/**
 * One server per state folder: two would end each other's runs.
 * @throws Error with a sentence for the person who started the second one
 */
export function claimOwnership(database: DatabaseSync): void {
  const settings = new SettingStore(database)
  transaction(database, () => {
    const owner = settings.read<ProcessId>('owner', Owner)
    if (owner && owner.pid !== process.pid && isAlive(owner))
      throw new Error(
        `Process ${owner.pid} already serves this state folder. Stop it (kill ${owner.pid}), or choose another folder with MUSTER_STATE.`,
      )
    settings.write('owner', identify(process.pid))
  })
}
