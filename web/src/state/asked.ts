import type { MachineAction } from '@muster/provisioning-api/contract/machine.ts'
import { signal } from '@preact/signals'

/** What a person is asked about in the dialog: `machine` is the `idOf` of one. */
export type Asked = { machine: string; action: Exclude<MachineAction, 'provision'> }

export const asked = signal<Asked | null>(null)
