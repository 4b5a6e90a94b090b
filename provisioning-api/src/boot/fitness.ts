import type { Disk, Facts } from '../../contract/hardware.ts'
import type { DiskRule, InstallMode, Platform } from '../../contract/machine.ts'

const MB = 1e6
const GB = 1e9
/** A PC sold with 1 GB has a little less once its firmware took its part. */
export const LEAST_MEMORY_MB = 900
/** Room for logs and packages beside the image. */
export const DISK_RESERVE = 1 * GB
/** What Debian's installer asks for without a desktop. */
export const LEAST_PACKAGE_DISK = 4 * GB

/** How a machine was accepted, as far as its hardware matters. */
export type Terms = {
  mode: InstallMode
  disk: DiskRule
  erase: boolean
  /** The disk that this acceptance began to write: it need not be blank any more. */
  begun: string | null
  /** How it booted when it asked for its script. */
  platform: Platform | null
  /** Bytes of the image on a disk; null when none was built. */
  imageBytes: number | null
}
export type Fitness = { disk: Disk } | { problem: string }

const FIRMWARE = { pcbios: 'bios', efi: 'uefi' } as const

type Check = (facts: Facts, terms: Terms) => string | undefined

/** What must hold before a disk is looked at. Each says what is wrong and what to do. */
const MACHINE_CHECKS: readonly Check[] = [
  ({ cpu }) =>
    cpu.flags.split(' ').includes('lm')
      ? undefined
      : `Its processor (${cpu.model}) cannot run 64-bit Debian.`,
  ({ memory_mb }) =>
    memory_mb >= LEAST_MEMORY_MB
      ? undefined
      : `It has ${Math.round(memory_mb)} MB of memory; ${LEAST_MEMORY_MB} MB are needed.`,
  ({ firmware }, { platform }) =>
    platform === null || FIRMWARE[platform] === firmware
      ? undefined
      : `It asked for its boot script as ${FIRMWARE[platform]} and runs as ${firmware}. Choose one mode in its setup, then accept it again.`,
  ({ nics }) =>
    nics.some(({ link }) => link) ? undefined : 'None of its network cards has a link.',
  (_, { mode, imageBytes }) =>
    mode === 'image' && imageBytes === null
      ? 'There is no disk image. Build it with: npm run muster -- boot build'
      : undefined,
]

type DiskCheck = (disk: Disk, terms: Terms) => string | undefined

const DISK_CHECKS: readonly DiskCheck[] = [
  (disk) =>
    disk.removable ? `The disk ${named(disk)} is removable. Accept it with another.` : undefined,
  (disk, terms) => {
    const needed =
      terms.mode === 'image' ? (terms.imageBytes ?? 0) + DISK_RESERVE : LEAST_PACKAGE_DISK
    return disk.bytes >= needed
      ? undefined
      : `The disk ${named(disk)} has ${megabytes(disk.bytes)}; ${megabytes(needed)} are needed.`
  },
  (disk, { erase, begun }) =>
    disk.blank || erase || begun === disk.id
      ? undefined
      : `The disk ${named(disk)} is not blank (${disk.contents || 'unknown contents'}). Accept it again with "erase" to lose what is on it.`,
]

/** Whether this hardware may be installed, and on which disk. Nothing was written before. */
export function fitness(facts: Facts, terms: Terms): Fitness {
  const problem = first(MACHINE_CHECKS, (check) => check(facts, terms))
  if (problem) return { problem }
  const choice = chooseDisk(facts.disks, terms.disk)
  if ('problem' in choice) return choice
  const unfit = first(DISK_CHECKS, (check) => check(choice.disk, terms))
  return unfit ? { problem: unfit } : choice
}

function chooseDisk(disks: readonly Disk[], rule: DiskRule): Fitness {
  const fixed = disks.filter(({ removable }) => !removable)
  const wanted = rule === 'only' ? fixed : disks.filter(({ id }) => id === rule)
  const [disk, second] = wanted
  if (!disk)
    return {
      problem:
        rule === 'only' ? 'It has no fixed disk.' : `The disk ${rule} is not there. ${have(fixed)}`,
    }
  if (second && rule === 'only')
    return {
      problem: `It has ${fixed.length} fixed disks. Accept it with one of them named: ${ids(fixed)}.`,
    }
  if (disks.filter(({ id }) => id === disk.id).length > 1)
    return { problem: `Several of its disks are called ${disk.id}. Take all but one out.` }
  return { disk }
}

function first<T>(checks: readonly T[], run: (check: T) => string | undefined): string | undefined {
  for (const check of checks) {
    const problem = run(check)
    if (problem) return problem
  }
  return undefined
}

const named = ({ id, model }: Disk): string => (model ? `${id} (${model})` : id)
const ids = (disks: readonly Disk[]): string => disks.map(({ id }) => id).join(', ')
const have = (fixed: readonly Disk[]): string =>
  fixed.length > 0 ? `It has: ${ids(fixed)}.` : 'It has no fixed disk.'
const megabytes = (bytes: number): string => `${Math.floor(bytes / MB)} MB`
