import { MusterError } from '@muster/base/errors.ts'
import type { BootMachineStore } from '../store/boot-machines.ts'
import type { MachineStore } from '../store/machines.ts'

type Stores = { bootMachines: BootMachineStore; machines: MachineStore }

/** A machine called home by this name, or was seen under it. */
const isTaken = ({ bootMachines, machines }: Stores, name: string): boolean =>
  bootMachines.byName(name) !== undefined || machines.get(name) !== undefined

/** `pc-<last 6 hex>` of a card's address, with all 12 where another machine has that name. */
export function firstName(stores: Stores, mac: string): string {
  const digits = mac.replaceAll(':', '')
  const short = `pc-${digits.slice(-6)}`
  return isTaken(stores, short) ? `pc-${digits}` : short
}

/**
 * The name an acceptance gives. A machine that called home keeps the name the cluster knows.
 * @throws MusterError `name-taken`, `name-fixed`
 */
export function acceptedName(stores: Stores, current: string, asked: string | undefined): string {
  if (asked === undefined || asked === current) return current
  if (stores.machines.get(current)) throw new MusterError('name-fixed', { name: current })
  if (isTaken(stores, asked)) throw new MusterError('name-taken', { name: asked })
  return asked
}
