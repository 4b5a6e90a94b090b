import { MusterError } from '@muster/base/errors.ts'
import type { Job } from '../../contract/job.ts'
import type { Machine } from '../../contract/machine.ts'
import type { BootMachine, BootMachineStore } from '../store/boot-machines.ts'
import type { JobStore } from '../store/jobs.ts'
import type { MachineRow, MachineStore } from '../store/machines.ts'
import { type Known, machineView } from './machine-view.ts'

type Parts = {
  bootMachines: BootMachineStore
  machines: MachineStore
  jobs: JobStore
  now: () => number
}
type Found = Omit<Known, 'twins'> & { name: string }

/** Everything that is known of the machines, joined by name. */
export class MachineList {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** By name. */
  all(): Machine[] {
    const { bootMachines, machines, jobs } = this.#parts
    const boots = bootMachines.all()
    const bootOf = by(boots, ({ name }) => name)
    const rowOf = by(machines.all(), ({ name }) => name)
    const jobOf = by(jobs.latest(), ({ machine }) => machine)
    const names = [...new Set([...rowOf.keys(), ...bootOf.keys()])].sort()
    const twinsOf = twins(boots)
    return names.map((name) =>
      this.#view({ row: rowOf.get(name), boot: bootOf.get(name), job: jobOf.get(name) }, twinsOf),
    )
  }

  /** @throws MusterError `machine-unknown` */
  one(name: string): Machine {
    return this.#view(this.find(name), twins(this.#parts.bootMachines.all()))
  }

  /** @throws MusterError `machine-unknown` */
  find(asked: string): Found {
    const name = asked.toLowerCase()
    const { bootMachines, machines, jobs } = this.#parts
    const [row, boot] = [machines.get(name), bootMachines.byName(name)]
    if (!row && !boot) throw new MusterError('machine-unknown')
    return { name, row, boot, job: jobs.latestOf(name) }
  }

  #view(
    known: { row: MachineRow | undefined; boot: BootMachine | undefined; job: Job | undefined },
    twinsOf: (machine: BootMachine) => string[],
  ): Machine {
    const { row, boot, job } = known
    return machineView({ row, boot, job, twins: boot ? twinsOf(boot) : [] }, this.#parts.now())
  }
}

const by = <T>(items: readonly T[], key: (item: T) => string): Map<string, T> =>
  new Map(items.map((item) => [key(item), item]))

/** Names of the machines that share a real UUID. */
function twins(machines: readonly BootMachine[]): (machine: BootMachine) => string[] {
  const byUuid = Map.groupBy(machines, ({ uuid }) => uuid)
  return ({ uuid, name }) =>
    uuid ? (byUuid.get(uuid) ?? []).map((each) => each.name).filter((other) => other !== name) : []
}
