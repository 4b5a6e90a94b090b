import type { Enrolment } from '@muster/provisioning-api/contract/job.ts'
import { enrolment, idOf, machines } from '../state/cluster.ts'
import { news } from '../state/machine-news.ts'
import { clock } from '../text.ts'
import { AcceptPill, AcceptWindowFold } from './accept-window.tsx'
import { MachineCard } from './machine-card.tsx'
import { MachineDialog } from './machine-dialog.tsx'
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
        <AcceptPill />
      </div>
      <Trouble of={machines} />
      <p class="unseen" id="machine-news" role="status">
        {news.value}
      </p>
      {all?.length === 0 && <NoMachines open={window?.open ?? false} />}
      {all && all.length > 0 && (
        <ul class="machines">
          {all.map((machine) => (
            <MachineCard key={idOf(machine)} machine={machine} />
          ))}
        </ul>
      )}
      <AcceptWindowFold />
      <MachineDialog />
    </section>
  )
}

function NoMachines({ open }: { open: boolean }) {
  return (
    <div class="empty">
      <p>No machine has been seen yet.</p>
      <p class="quiet">
        Take a PC from the shelf and boot it from the network: it appears here and waits for you to
        accept it. Or run the call-home script on one that has Debian already.
        {!open && ' Enrolment is closed now: open it first, or such a machine is turned away.'}
      </p>
    </div>
  )
}

function enrolmentText({ open, until, machine }: Enrolment): string {
  if (!open) return 'Enrolment closed'
  const whom = machine ? `Enrolment open for ${machine}` : 'Enrolment open'
  return until ? `${whom} until ${clock(until)}` : whom
}
