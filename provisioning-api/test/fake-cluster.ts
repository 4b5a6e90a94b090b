import type { ClusterMachine, ClusterPort } from '@muster/cluster/port.ts'

type Step = keyof ClusterPort

/** A cluster that is always there; `failures` and `hangs` say at which step it is not. */
export class FakeCluster implements ClusterPort {
  failures: Partial<Record<Step, string>> = {}
  hangs = new Set<Step>()
  variables: Record<string, unknown> = { muster_test: 'yes' }
  readonly calls: string[] = []

  waitReady() {
    return this.#step('waitReady')
  }
  async playVariables(machine: ClusterMachine) {
    await this.#step('playVariables', machine)
    return this.variables
  }
  waitJoined(machine: ClusterMachine) {
    return this.#step('waitJoined', machine)
  }
  deployExpert(machine: ClusterMachine) {
    return this.#step('deployExpert', machine)
  }

  async #step(step: Step, machine?: ClusterMachine): Promise<void> {
    this.calls.push(machine ? `${step} ${machine.name}` : step)
    if (this.hangs.has(step)) await new Promise(() => {})
    const failure = this.failures[step]
    if (failure) throw new Error(failure)
  }
}
