/** A machine as the cluster knows it: its name is also its Consul and Nomad node name. */
export type ClusterMachine = { name: string; address: string }

type Work = { log: (line: string) => void; signal: AbortSignal }

/**
 * What provisioning asks of the cluster. Every method rejects with an Error whose message
 * says what failed and what to do; none keeps waiting once `signal` is aborted.
 */
export interface ClusterPort {
  /** Resolves once Consul and Nomad have leaders and their bootstrap is done. Waits for an appliance that is still starting. */
  waitReady(work: Work): Promise<void>
  /**
   * Variables of the play for one machine: its certificates, tokens, addresses and artifacts.
   * Secret: they go to Ansible in a private file that is removed after the run.
   */
  playVariables(machine: ClusterMachine, work: Work): Promise<Record<string, unknown>>
  /** Resolves once the machine is a healthy Consul member and a ready Nomad node that has its exec driver. */
  waitJoined(machine: ClusterMachine, work: Work): Promise<void>
  /** Runs the RPC worker and the expert there, and resolves once Consul shows the expert as passing. */
  deployExpert(machine: ClusterMachine, work: Work): Promise<void>
}
