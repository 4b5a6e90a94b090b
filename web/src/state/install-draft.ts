import type { AcceptRequest } from '@muster/provisioning-api/contract/boot.ts'
import type { DiskRule, InstallMode, Machine } from '@muster/provisioning-api/contract/machine.ts'
import type { z } from 'zod'
import { diskChoices } from '../disks.ts'
import type { Problem } from '../problem.ts'

export type InstallAction = 'accept' | 'reinstall'
/** What a person has filled in so far. */
export type InstallDraft = {
  name: string
  mode: InstallMode
  /** Null = not chosen. */
  disk: DiskRule | null
  erase: boolean
  /** The name, typed once more. */
  confirmation: string
}

/** The form as it opens: as the machine was accepted before, never with permission to erase. */
export function draftOf({ name, boot }: Machine): InstallDraft {
  const known = diskChoices(boot).filter((choice) => choice.disk)
  const before = known.find(({ rule }) => rule === boot?.disk)
  const only = known.length > 1 ? null : (known[0]?.rule ?? 'only')
  const disk = before?.rule ?? only
  return { name, mode: boot?.mode ?? 'image', disk, erase: false, confirmation: '' }
}

/** A machine that has called home keeps the name that the cluster knows. */
export const mayRename = (machine: Machine, action: InstallAction): boolean =>
  action === 'accept' && machine.ip_address === null

/** Erasing a machine that was in use takes its name typed once more. */
export const mustConfirm = (draft: InstallDraft, action: InstallAction): boolean =>
  action === 'reinstall' && draft.erase

/** What keeps the form from being sent, else null. */
export function draftProblem(
  draft: InstallDraft,
  machine: Machine,
  action: InstallAction,
): Problem | null {
  if (!diskChoices(machine.boot).some(({ rule }) => rule === draft.disk))
    return { text: 'Choose the disk that is to be written.', field: 'disk' }
  if (action === 'reinstall' && !draft.erase)
    return { text: 'Installing again erases the disk. Allow it, or cancel.', field: 'erase' }
  if (mustConfirm(draft, action) && draft.confirmation.trim() !== machine.name)
    return { text: `Type “${machine.name}” to confirm.`, field: 'confirmation' }
  return null
}

export function requestOf(
  { name, mode, disk, erase }: InstallDraft,
  machine: Machine,
  action: InstallAction,
): z.input<typeof AcceptRequest> {
  const named = mayRename(machine, action) ? { name: name.trim() } : {}
  return { ...named, mode, disk: disk ?? 'only', erase }
}
