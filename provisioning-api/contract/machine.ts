import { z } from 'zod'
import { DiskId, Hardware, Product } from './hardware.ts'

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
  discovered: 'Seen at its network boot. Nothing happens to it until it is accepted.',
  accepted: 'Accepted. It is installed at its next network boot.',
  reinstall: 'Accepted again. It is erased and installed at its next network boot.',
  installing: 'Debian is being installed on it.',
  installed: 'Installed. It starts from its disk and calls home.',
  enrolled: 'Called home; waiting for its turn.',
  configuring: 'Ansible is configuring it.',
  joining: 'Waiting for its Consul and Nomad agents.',
  deploying: 'Starting its expert.',
  ready: 'A node of the cluster, with its expert running.',
  failed: 'Installing or provisioning failed; the reason and the log say why.',
  retired: 'Retired. It starts from its disk and may not call home.',
} as const
export const MachineState = z.enum(
  Object.keys(machineStates) as [keyof typeof machineStates, ...(keyof typeof machineStates)[]],
)
export type MachineState = z.infer<typeof MachineState>

/** What a person may ask of a machine: `POST /api/machines/:name/<action>`. */
export const MachineAction = z.enum(['accept', 'reinstall', 'retire', 'provision'])
export type MachineAction = z.infer<typeof MachineAction>

/** `image` writes the prebuilt disk image; `package` runs the Debian installer. */
export const InstallMode = z.enum(['image', 'package'])
export type InstallMode = z.infer<typeof InstallMode>

/** `only` = the machine's one fixed disk, whichever that is. */
export const DiskRule = z.union([z.literal('only'), DiskId])
export type DiskRule = z.infer<typeof DiskRule>

/** The firmware a machine booted with, as iPXE calls it. */
export const Platform = z.enum(['pcbios', 'efi'])
export type Platform = z.infer<typeof Platform>

/** What an installing machine says it does, with what the page shows. */
export const installStages = {
  inspect: 'Looking at its hardware',
  write: 'Writing the image to its disk',
  grow: 'Growing the file system',
  identity: 'Writing its name and keys',
  'boot-loader': 'Installing the boot loader',
  partman: 'Partitioning its disk',
  debootstrap: 'Installing the base system',
  packages: 'Installing packages',
  late: 'Finishing the installation',
} as const
export const InstallStage = z.enum(
  Object.keys(installStages) as [keyof typeof installStages, ...(keyof typeof installStages)[]],
)
export type InstallStage = z.infer<typeof InstallStage>

/** The network boot of a machine. */
export const MachineBoot = z.object({
  id: z.string(),
  /** With colons; the first one names a machine that was never accepted. */
  macs: z.array(z.string()),
  platform: Platform.nullable(),
  /** As its firmware tells it; a hint, boards repeat these. */
  product: Product,
  /** How it was accepted, else null. */
  mode: InstallMode.nullable(),
  disk: DiskRule.nullable(),
  erase: z.boolean(),
  accepted_by: z.string().nullable(),
  /** The stable id of the disk that this acceptance may write; null before its hardware is known. */
  resolved_disk: z.string().nullable(),
  /** Of the stage, 0 to 100. */
  percent: z.number().nullable(),
  /** Null until the live system has looked. */
  hardware: Hardware.nullable(),
  /** The first program its firmware loads; null = the default of the firmware. */
  boot_binary: z.string().nullable(),
  /** Why it gets nothing but its local disk until a person accepts it again, else null. */
  conflict: z.string().nullable(),
  /** What a person should know, like a UUID that another machine has, too. */
  hints: z.array(z.string()),
})
export type MachineBoot = z.infer<typeof MachineBoot>

/** A machine as the API tells it. Times are RFC 3339 in UTC. */
export const Machine = z.object({
  name: z.string(),
  /** Null before its first call-home. */
  ip_address: z.string().nullable(),
  state: MachineState,
  /** The step running now, or the last one: an Ansible task, a wait, a stage of its installation. */
  stage: z.string().nullable(),
  /** Why it failed and what to do, else null. */
  reason: z.string().nullable(),
  job_id: z.string().nullable(),
  first_seen: z.string(),
  last_seen: z.string(),
  /** Earlier addresses, oldest first. */
  previous_addresses: z.array(z.string()),
  /** What a person may ask of it in this state. */
  actions: z.array(MachineAction),
  /** Null for a machine that was installed by hand. */
  boot: MachineBoot.nullable(),
})
export type Machine = z.infer<typeof Machine>
