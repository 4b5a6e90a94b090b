import type { Disk } from '@muster/provisioning-api/contract/hardware.ts'
import type { DiskRule, MachineBoot } from '@muster/provisioning-api/contract/machine.ts'
import { storage } from './text.ts'

/** A disk that may be written; null = whichever the machine turns out to have. */
export type DiskChoice = { rule: DiskRule; disk: Disk | null }

/**
 * The disks a person can choose. A known disk is chosen by its id: what a person allows to erase is the
 * disk that was shown, not another one that is there at the next boot. Removable ones are never written.
 */
export function diskChoices(boot: MachineBoot | null): DiskChoice[] {
  const fixed = boot?.hardware?.disks.filter(({ removable }) => !removable) ?? []
  return [...fixed.map((disk) => ({ rule: disk.id, disk })), { rule: 'only', disk: null }]
}

/** `KINGSTON SA400S37, 240 GB SSD (sda)` */
export function diskText({ model, bytes, name, rotational, removable }: Disk): string {
  const kind = removable ? 'removable' : rotational ? 'hard disk' : 'SSD'
  return `${model || 'Disk without a model name'}, ${storage(bytes)} ${kind} (${name})`
}

/** What a disk holds, for people. */
export const contentsText = ({ blank, contents }: Disk): string =>
  blank ? 'blank' : contents || 'something that was not recognised'

/** What happens to what is on a disk. */
export function eraseText(disk: Disk | null, erase: boolean): string {
  if (disk?.blank) return 'This disk is blank: nothing is lost.'
  if (!disk)
    return erase
      ? 'This disk has not been looked at yet. Whatever is on it will be lost.'
      : 'This disk has not been looked at yet. Unless it is blank, it is left alone, and you are asked again.'
  const what = `${diskText(disk)}: ${contentsText(disk)}`
  return erase
    ? `Everything on this disk will be lost. ${what}.`
    : `This disk is not blank, and without your permission nothing is installed. ${what}.`
}
