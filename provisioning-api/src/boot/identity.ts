import type { BootMachine, Conflict } from '../store/boot-machines.ts'
import type { BootQuery } from './boot-query.ts'

/** Board makers' fillers that thousands of boards share. */
const FILLERS = new Set([
  '03000200-0400-0500-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '00020003-0004-0005-0006-000700080009',
])
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The UUID in lower case, empty when it says nothing: missing, all the same digit, a filler. */
export function realUuid(text: string): string {
  const uuid = text.toLowerCase()
  const digits = uuid.replaceAll('-', '')
  const says = UUID.test(uuid) && new Set(digits).size > 1 && !FILLERS.has(uuid)
  return says ? uuid : ''
}

export type Identity =
  | { kind: 'new' }
  | { kind: 'known'; machine: BootMachine }
  | { kind: 'conflict'; machines: BootMachine[]; conflict: Conflict }

type Shown = Pick<BootQuery, 'macs' | 'uuid' | 'platform'>

/** Which recorded machine asks, from those that have one of its cards. */
export function identify(machines: readonly BootMachine[], shown: Shown): Identity {
  const [machine] = machines
  if (!machine) return { kind: 'new' }
  const text = contradiction(machines, machine, shown)
  if (!text) return { kind: 'known', machine }
  const { macs, platform } = shown
  const others = machines.map(({ id }) => id)
  const conflict = { text, macs, uuid: realUuid(shown.uuid), platform, others }
  return { kind: 'conflict', machines: [...machines], conflict }
}

const AGAIN = 'Accept it again if this is right.'
const MODES = { pcbios: 'BIOS', efi: 'UEFI' } as const

function contradiction(
  machines: readonly BootMachine[],
  machine: BootMachine,
  shown: Shown,
): string | undefined {
  if (machines.length > 1)
    return `One machine showed the network cards of ${machines.map(({ name }) => name).join(' and ')}. ${AGAIN}`
  const uuid = realUuid(shown.uuid)
  if (machine.uuid && uuid && machine.uuid !== uuid)
    return `Its network card was seen in another machine: UUID ${uuid}, known is ${machine.uuid}. One of them has a cloned MAC address, or the board was changed. ${AGAIN}`
  if (isToBeInstalled(machine) && machine.platform && machine.platform !== shown.platform)
    return `It was recorded in ${MODES[machine.platform]} mode and boots in ${MODES[shown.platform]} mode. ${AGAIN}`
  return undefined
}

/** A grant would let this machine write its disk. */
export const isToBeInstalled = ({ state }: Pick<BootMachine, 'state'>): boolean =>
  state === 'accepted' || state === 'reinstall' || state === 'installing'
