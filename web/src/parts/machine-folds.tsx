import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { api } from '../api.ts'
import { idOf } from '../state/cluster.ts'
import { BootBinaryForm } from './boot-binary-form.tsx'
import { Fold } from './fold.tsx'
import { HardwareTable } from './hardware-table.tsx'
import { LiveLog } from './live-log.tsx'

export const logId = (machine: Machine): string => `log-${idOf(machine)}`

/** States in which a machine is expected to boot from the network. */
const BEFORE_INSTALLED = /^(discovered|accepted|reinstall|installing|failed)$/

/** What most people do not need to see of a machine most of the time. */
export function MachineFolds({ machine }: { machine: Machine }) {
  const { name, job_id: job, boot, state } = machine
  return (
    <div class="folds">
      {job && (
        <Fold title="Log" of={name} id={logId(machine)}>
          {() => <LiveLog key={job} read={(from) => api.jobLog(job, from)} of={name} />}
        </Fold>
      )}
      {boot?.mode && (
        <Fold title="Installation log" of={name}>
          {() => <LiveLog read={(from) => api.bootLog(name, from)} of={`installing ${name}`} />}
        </Fold>
      )}
      {boot?.hardware && (
        <Fold title="Hardware" of={name}>
          {() => boot.hardware && <HardwareTable hardware={boot.hardware} />}
        </Fold>
      )}
      {boot && BEFORE_INSTALLED.test(state) && (
        <Fold title="Does not boot from the network?" of={name}>
          {() => <BootBinaryForm name={name} boot={boot} />}
        </Fold>
      )}
    </div>
  )
}
