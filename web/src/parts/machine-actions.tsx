import type { Machine, MachineAction } from '@muster/provisioning-api/contract/machine.ts'
import { useSignal } from '@preact/signals'
import { ApiError, api } from '../api.ts'
import { asked } from '../state/asked.ts'
import { idOf, machines } from '../state/cluster.ts'
import { asApiError } from '../state/resource.ts'
import { logId } from './machine-folds.tsx'
import { isOnlyIdentity, waitsForAccept } from './machine-words.ts'

/** The buttons of a machine: what may be asked of it in its state. */
export function MachineActions({ machine }: { machine: Machine }) {
  const answer = useSignal<string | null>(null)
  const provision = async () => {
    const reply = await api.provision(machine.name).catch(asApiError)
    answer.value = reply.message
    if (reply instanceof ApiError) return
    // The button is about to go; the log is what a person wants next.
    document.getElementById(logId(machine))?.focus()
    machines.refresh()
  }
  const ask = (action: MachineAction) => {
    if (action === 'provision') void provision()
    else asked.value = { machine: idOf(machine), action }
  }
  return (
    <>
      <div class="row actions">
        {machine.actions.map((action) => (
          <button
            key={action}
            type="button"
            class={action === 'accept' && waitsForAccept(machine) ? 'small primary' : 'small'}
            {...(action === 'provision' ? {} : { 'aria-haspopup': 'dialog' as const })}
            onClick={() => ask(action)}
          >
            {label(machine, action)}
            <span class="unseen"> {machine.name}</span>
          </button>
        ))}
      </div>
      <p class={answer.value ? 'quiet' : 'no-notice'} role="status">
        {answer.value}
      </p>
    </>
  )
}

const LABELS = { reinstall: 'Reinstall', retire: 'Retire', provision: 'Provision again' } as const

function label(machine: Machine, action: MachineAction): string {
  if (action !== 'accept') return LABELS[action]
  if (isOnlyIdentity(machine)) return 'It is the same machine'
  return machine.state === 'discovered' ? 'Accept' : 'Accept again'
}
