import {
  type Machine,
  type MachineState,
  machineStates,
} from '@muster/provisioning-api/contract/machine.ts'
import { idOf } from '../state/cluster.ts'
import { clock } from '../text.ts'
import { MachineActions } from './machine-actions.tsx'
import { MachineFolds } from './machine-folds.tsx'
import { MachineNotices } from './machine-notices.tsx'
import { MachineStage } from './machine-stage.tsx'
import { acceptanceText, bootIdentity } from './machine-words.ts'
import { Mark, type MarkKind } from './mark.tsx'

const MARKS: Record<MachineState, MarkKind> = {
  discovered: 'waiting',
  accepted: 'waiting',
  reinstall: 'waiting',
  installing: 'running',
  installed: 'running',
  enrolled: 'waiting',
  configuring: 'running',
  joining: 'running',
  deploying: 'running',
  ready: 'done',
  failed: 'failed',
  retired: 'skipped',
}

/** The id of a card's heading, which takes the focus when a dialog about the machine ends. */
export const titleId = (id: string): string => `machine-${id}`

export function MachineCard({ machine }: { machine: Machine }) {
  const { boot, state } = machine
  const acceptance = acceptanceText(machine)
  return (
    <li class={`machine machine-${state}`} data-machine={machine.name}>
      <div class="machine-head">
        <Mark kind={MARKS[state]} />
        <h3 id={titleId(idOf(machine))} tabindex={-1}>
          {machine.name}
        </h3>
        <span class="machine-state">{state}</span>
        <span class="quiet machine-address">{machine.ip_address}</span>
      </div>
      <p class="quiet">{machineStates[state]}</p>
      <MachineStage machine={machine} />
      <MachineNotices machine={machine} />
      {boot && !machine.ip_address && <p class="quiet machine-identity">{bootIdentity(boot)}</p>}
      {acceptance && <p class="quiet machine-identity">{acceptance}</p>}
      <p class="quiet machine-seen">
        Last seen {clock(machine.last_seen)}
        {machine.previous_addresses.length > 0 &&
          `, before at ${machine.previous_addresses.join(', ')}`}
      </p>
      <MachineActions machine={machine} />
      <MachineFolds machine={machine} />
    </li>
  )
}
