import path from 'node:path'
import { parseArgs } from 'node:util'
import { stateFolder } from '@muster/base/state.ts'
import { z } from 'zod'

export const usage = `npm run up -- [options]

Starts Muster on this machine: the provisioning API, the agent app and Mission Control,
then a one-machine cluster with a first expert. Ctrl-C stops everything it started.

  --json            one line of JSON when the page answers, another when the cluster does
  --yes             never ask
  --no-cluster      only the servers and the embedded fallback expert
  --model FILE      a GGUF model for the first expert (default: the built-in small model)
  --address IP      address of this machine in the cluster's network, so that machines can join
                    (default: 127.0.0.1, this machine only; kept for the next start)
  --enrol MINUTES   how long new machines may call home without a key (default: 60 on loopback, else 0)
  --allow-loopback  take machines with a loopback address (for tests)
  --state FOLDER    where everything is kept (default: MUSTER_STATE, or ~/.local/state/muster)
`

const Options = z.object({
  json: z.boolean().default(false),
  yes: z.boolean().default(false),
  help: z.boolean().default(false),
  'no-cluster': z.boolean().default(false),
  model: z.string().optional(),
  address: z.ipv4('--address takes an IPv4 address of this machine').optional(),
  enrol: z.coerce.number('--enrol takes minutes').int().min(0).max(1440).optional(),
  'allow-loopback': z.boolean().default(false),
  state: z.string().optional(),
})

export type UpOptions = Omit<z.infer<typeof Options>, 'state'> & { state: string }

/** Reads the command line. @throws Error with one sentence for a person */
export function readOptions(argv: readonly string[]): UpOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean' },
      yes: { type: 'boolean', short: 'y' },
      help: { type: 'boolean', short: 'h' },
      'no-cluster': { type: 'boolean' },
      model: { type: 'string' },
      address: { type: 'string' },
      enrol: { type: 'string' },
      'allow-loopback': { type: 'boolean' },
      state: { type: 'string' },
    },
  })
  const parsed = Options.safeParse(values)
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => issue.message).join('; '))
  const { state, model, ...rest } = parsed.data
  return {
    ...rest,
    ...(model ? { model: path.resolve(process.env.INIT_CWD ?? '.', model) } : {}),
    state: state ? path.resolve(process.env.INIT_CWD ?? '.', state) : stateFolder(),
  }
}
