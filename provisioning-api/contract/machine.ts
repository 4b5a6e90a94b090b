import { z } from 'zod'

/** Names that would be a group, a host pattern or a service if a machine had them. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(
  'all ungrouped localhost worker_nodes controller_nodes workers bootstrap server client consul nomad'.split(
    ' ',
  ),
)

const NAME = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/

/** A machine's name: lower-cased, one DNS label, never a group name or a host pattern. */
export const MachineName = z
  .string()
  .transform((name) => name.toLowerCase())
  .refine(
    (name) => NAME.test(name),
    'expected a letter, then letters, digits and dashes (at most 63)',
  )
  .refine((name) => !RESERVED_NAMES.has(name), 'this name is reserved')

/** The life of a machine. Each state's meaning is what the page shows. */
export const machineStates = {
  queued: 'Called home; waiting for its turn.',
  configuring: 'Ansible is configuring it.',
  joining: 'Waiting for its Consul and Nomad agents.',
  deploying: 'Starting its expert.',
  ready: 'A node of the cluster, with its expert running.',
  failed: 'Provisioning failed; the reason and the log say why.',
} as const
export const MachineState = z.enum(
  Object.keys(machineStates) as [keyof typeof machineStates, ...(keyof typeof machineStates)[]],
)
export type MachineState = z.infer<typeof MachineState>

/** A machine as the API tells it. Times are RFC 3339 in UTC. */
export const Machine = z.object({
  name: z.string(),
  ip_address: z.string(),
  state: MachineState,
  /** The step running now, or the last one: an Ansible task, a wait. */
  stage: z.string().nullable(),
  /** Why it failed and what to do, else null. */
  reason: z.string().nullable(),
  job_id: z.string().nullable(),
  first_seen: z.string(),
  last_seen: z.string(),
  /** Earlier addresses, oldest first. */
  previous_addresses: z.array(z.string()),
})
export type Machine = z.infer<typeof Machine>
