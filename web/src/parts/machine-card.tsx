import {
  type Machine,
  type MachineState,
  machineStates,
} from '@muster/provisioning-api/contract/machine.ts'
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { ApiError, api } from '../api.ts'
import { machines } from '../state/cluster.ts'
import { asApiError } from '../state/resource.ts'
import { clock } from '../text.ts'
import { JobLog } from './job-log.tsx'
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

export function MachineCard({ machine }: { machine: Machine }) {
  const logOpen = useSignal(false)
  const answer = useSignal<string | null>(null)
  const summary = useRef<HTMLElement>(null)

  const provision = async () => {
    const reply = await api.provision(machine.name).catch(asApiError)
    answer.value = reply.message
    if (reply instanceof ApiError) return
    // The button is about to go; the log is what a person wants next.
    summary.current?.focus()
    machines.refresh()
  }

  return (
    <li class={`machine machine-${machine.state}`} data-machine={machine.name}>
      <div class="machine-head">
        <Mark kind={MARKS[machine.state]} />
        <h3>{machine.name}</h3>
        <span class="machine-state" aria-live="polite">
          {machine.state}
        </span>
        <span class="quiet machine-address">{machine.ip_address}</span>
      </div>
      <p class="quiet">{machineStates[machine.state]}</p>
      {machine.stage && machine.state !== 'ready' && <p class="stage">{machine.stage}</p>}
      {machine.reason && <p class="notice">{machine.reason}</p>}
      <p class="quiet machine-seen">
        Last seen {clock(machine.last_seen)}
        {machine.previous_addresses.length > 0 &&
          `, before at ${machine.previous_addresses.join(', ')}`}
      </p>
      {machine.state === 'failed' && (
        <button type="button" class="again" onClick={() => void provision()}>
          Provision again<span class="unseen"> {machine.name}</span>
        </button>
      )}
      <p class={answer.value ? 'quiet' : 'no-notice'} role="status">
        {answer.value}
      </p>
      {machine.job_id && (
        <details
          onToggle={(event) => {
            logOpen.value = event.currentTarget.open
          }}
        >
          <summary ref={summary}>
            Log<span class="unseen"> of {machine.name}</span>
          </summary>
          {logOpen.value && <JobLog key={machine.job_id} job={machine.job_id} of={machine.name} />}
        </details>
      )}
    </li>
  )
}
