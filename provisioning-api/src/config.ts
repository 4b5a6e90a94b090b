import path from 'node:path'
import { type ApiKey, keysFromEnvironment } from '@muster/base/api-keys.ts'
import { stateFolder } from '@muster/base/state.ts'
import { z } from 'zod'

export type Config = {
  state: string
  host: string
  port: number
  keys: ApiKey[]
  /** The variable that held the keys. */
  keySource: string
  enrolMinutes: number
  allowLoopback: boolean
  maxRuns: number
  jobMinutes: number
  playbook: string
  /** UDP port of the Debian installer's log; 0 = none is taken. */
  syslogPort: number
  /** Where installed machines get Debian's packages; null leaves the image's own sources. */
  debianMirror: string | null
  /** PATH and HOME of the runs. */
  path: string
  home: string
}

const DEFAULT_PLAYBOOK = path.resolve(import.meta.dirname, '../../ansible/playbook.yaml')

const Environment = z.object({
  MUSTER_PROVISIONING_HOST: z.string().min(1).default('127.0.0.1'),
  MUSTER_PROVISIONING_PORT: z.coerce.number().int().min(0).max(65535).default(8001),
  MUSTER_ENROL_MINUTES: z.coerce.number().int().min(0).max(1440).default(0),
  MUSTER_ALLOW_LOOPBACK: z.enum(['0', '1']).default('0'),
  MUSTER_MAX_RUNS: z.coerce.number().int().min(1).max(64).default(2),
  MUSTER_JOB_MINUTES: z.coerce.number().positive().max(1440).default(30),
  MUSTER_PLAYBOOK: z.string().default(DEFAULT_PLAYBOOK),
  MUSTER_SYSLOG_PORT: z.coerce.number().int().min(0).max(65535).default(5514),
  MUSTER_DEBIAN_MIRROR: z
    .url({ protocol: /^https?$/ })
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  HOME: z.string().default('/root'),
})

/**
 * Reads the server's variables; an empty one counts as not set.
 * @throws Error with one sentence that names the variable
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(set)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0])
    throw new Error(`${name} is "${set[name]}", which does not fit: ${issue?.message}.`)
  }
  const { keys, source } = keysFromEnvironment(set)
  const value = parsed.data
  return {
    state: stateFolder(set),
    host: value.MUSTER_PROVISIONING_HOST,
    port: value.MUSTER_PROVISIONING_PORT,
    keys,
    keySource: source,
    enrolMinutes: value.MUSTER_ENROL_MINUTES,
    allowLoopback: value.MUSTER_ALLOW_LOOPBACK === '1',
    maxRuns: value.MUSTER_MAX_RUNS,
    jobMinutes: value.MUSTER_JOB_MINUTES,
    playbook: path.resolve(value.MUSTER_PLAYBOOK),
    syslogPort: value.MUSTER_SYSLOG_PORT,
    debianMirror: value.MUSTER_DEBIAN_MIRROR ?? null,
    path: value.PATH,
    home: value.HOME,
  }
}
