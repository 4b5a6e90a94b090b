import type { AcceptWindow } from '@muster/provisioning-api/contract/boot.ts'
import {
  installStages,
  type Machine,
  type MachineBoot,
  type Platform,
} from '@muster/provisioning-api/contract/machine.ts'
import { diskText } from '../disks.ts'
import { clock, count } from '../text.ts'

const FIRMWARE: Record<Platform, string> = { pcbios: 'BIOS', efi: 'UEFI' }

/** `52:54:00:12:34:56, UEFI, Dell Inc. OptiPlex 7010`; no more than is known. */
export function bootIdentity({ macs, platform, product }: MachineBoot): string {
  const made = [product.vendor, product.name].filter(Boolean).join(' ')
  return [...macs, platform && FIRMWARE[platform], made].filter(Boolean).join(', ')
}

/** Whether accepting is what this machine waits for. */
export const waitsForAccept = ({ state, boot, actions }: Machine): boolean =>
  actions.includes('accept') &&
  (state === 'discovered' || state === 'failed' || Boolean(boot?.conflict))

/** How it was accepted, while that still matters. */
export function acceptanceText({ state, boot }: Machine): string | null {
  if (!boot?.mode || !/^(accepted|reinstall|installing)$/.test(state)) return null
  const id = boot.resolved_disk ?? boot.disk
  const disk = boot.hardware?.disks.find((one) => one.id === id)
  const where = disk ? diskText(disk) : id === null || id === 'only' ? 'its one fixed disk' : id
  const way = boot.mode === 'image' ? 'The prebuilt image' : 'The Debian installer'
  const erase = boot.erase ? 'and erases it' : 'if it is blank'
  const whom = boot.accepted_by ? ` Accepted by ${boot.accepted_by}.` : ''
  return `${way} writes ${where} ${erase}.${whom}`
}

/** Whether accepting confirms changed hardware and nothing else: the machine is installed already. */
export const isOnlyIdentity = ({ state, boot }: Machine): boolean =>
  Boolean(boot?.conflict) && !/^(discovered|accepted|reinstall|failed|retired)$/.test(state)

/** What a person can do about a machine that does not go on, else null. */
export function nextStep(machine: Machine): string | null {
  const { state, actions, boot } = machine
  if (boot?.conflict && actions.includes('accept'))
    return `Until a person decides, it starts from its own disk only. ${wayOut(machine)}`
  if (state !== 'failed') return null
  const ways = [
    actions.includes('provision') && 'provision it again',
    actions.includes('accept') && 'accept it again',
    actions.includes('reinstall') && 'reinstall it',
  ].filter(Boolean)
  return ways.length > 0 ? `When the cause is mended: ${ways.join(', or ')}.` : null
}

const wayOut = (machine: Machine): string =>
  isOnlyIdentity(machine)
    ? 'If you changed its hardware yourself, say so.'
    : 'If you want it installed as it is now, accept it again.'

/** The step that runs, in words. */
export const stageText = (stage: string): string =>
  stage in installStages ? installStages[stage as keyof typeof installStages] : stage

/** `Accepting 3 listed machines until 15:40` */
export const windowText = ({ macs, until }: AcceptWindow): string =>
  `Accepting ${count(macs.length, 'listed machine')}${until ? ` until ${clock(until)}` : ''}`
