import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import type { concerns } from '../problem.ts'
import type { InstallDraft } from '../state/install-draft.ts'

/** What every form of the dialog gets; `done` when the server has agreed. */
export type FormProps = { machine: Machine; close: () => void; done: () => void }

/** What a field of the install form gets; `about` marks it when the problem is about it. */
export type FieldProps = {
  machine: Machine
  draft: InstallDraft
  change: (part: Partial<InstallDraft>) => void
  about: (field: string) => ReturnType<typeof concerns>
}
