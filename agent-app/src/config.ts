import path from 'node:path'
import { type ApiKey, keysFromEnvironment } from '@muster/base/api-keys.ts'
import { stateFolder } from '@muster/base/state.ts'
import { z } from 'zod'

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  )
const httpUrl = z.url({ protocol: /^https?$/, error: 'expected http://host:port' })
const text = z.string().optional()

const Environment = z.object({
  MUSTER_AGENT_HOST: z.string().default('127.0.0.1'),
  MUSTER_AGENT_PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
  CONSUL_HTTP_ADDR: z
    .string()
    .default('http://127.0.0.1:8500')
    .transform((address) => (address.includes('://') ? address : `http://${address}`))
    .pipe(httpUrl),
  CONSUL_HTTP_TOKEN: text,
  CONSUL_HTTP_TOKEN_FILE: text,
  MUSTER_EXPERT_KEY_FILE: text,
  MUSTER_PROVISIONING_URL: httpUrl.default('http://127.0.0.1:8001'),
  MUSTER_PROVISIONING_KEY: text,
  MUSTER_MODEL: text,
  MUSTER_EMBEDDED: z.enum(['0', '1']).default('1'),
  MUSTER_ALLOWED_HOSTS: list,
  MUSTER_ALLOWED_ORIGINS: list,
})

export type Config = z.infer<typeof Environment> & {
  state: string
  keys: ApiKey[]
  /** The variable the keys came from. */
  keySource: string
  model: string
}

const SECRETS = ['CONSUL_HTTP_TOKEN', 'MUSTER_PROVISIONING_KEY']
const repository = path.resolve(import.meta.dirname, '../..')
export const pageFolder = path.join(repository, 'web/dist')

/** Reads the environment, where unset and empty mean the same; a bad value throws one sentence that names the variable. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = Environment.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
  )
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`${issue?.path.join('.')} does not fit: ${issue?.message}.`)
  }
  const { keys, source } = keysFromEnvironment(env)
  const model = parsed.data.MUSTER_MODEL ?? path.join(repository, 'models/tool-caller.gguf')
  return { ...parsed.data, state: stateFolder(env), keys, keySource: source, model }
}

/** Takes the secrets out of an environment, so that no child process inherits them. */
export function removeSecrets(env: NodeJS.ProcessEnv): void {
  for (const name of SECRETS) delete env[name]
}
