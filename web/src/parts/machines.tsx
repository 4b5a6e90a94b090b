import type { Enrolment } from '@muster/provisioning-api/contract/job.ts'
import { enrolment, machines } from '../state/cluster.ts'
import { clock } from '../text.ts'
import { MachineCard } from './machine-card.tsx'
import { Trouble } from './trouble.tsx'

export function Machines() {
  const all = machines.value.value
  const window = enrolment.value.value
  return (
    <section class="card" aria-labelledby="machines-title">
      <div class="card-head">
        <h2 id="machines-title">Machines</h2>
        {window && (
          <span class={`pill ${window.open ? 'pill-good' : ''}`} id="enrolment">
            {enrolmentText(window)}
          </span>
        )}
      </div>
      <Trouble of={machines} />
      {all?.length === 0 && <NoMachines open={window?.open ?? false} />}
      {all && all.length > 0 && (
        <ul class="machines">
          {all.map((machine) => (
            <MachineCard key={machine.name} machine={machine} />
          ))}
        </ul>
      )}
    </section>
  )
}

function NoMachines({ open }: { open: boolean }) {
  return (
    <div class="empty">
      <p>No machine has called home yet.</p>
      <p class="quiet">
        Take a PC from the shelf and boot it from the network, or run the call-home script on one
        that has Debian already. It appears here by itself.
        {!open && ' Enrolment is closed now: open it first, or the machine is turned away.'}
      </p>
    </div>
  )
}

function enrolmentText({ open, until, machine }: Enrolment): string {
  if (!open) return 'Enrolment closed'
  const whom = machine ? `Enrolment open for ${machine}` : 'Enrolment open'
  return until ? `${whom} until ${clock(until)}` : whom
}
