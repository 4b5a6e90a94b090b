import path from 'node:path'
import { parseArgs } from 'node:util'
import { stateFolder } from '@muster/base/state.ts'
import { z } from 'zod'

/** What a command exits with. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** One command of `muster`: how it is called, and what it does. */
export type Command = {
  /** The first line says what it is for; the rest are its options. */
  usage: string
  /** @throws UsageError for a command line that it does not understand, another Error for what went wrong */
  run: (argv: readonly string[]) => Promise<ExitCode>
}

/** The command line does not fit: exit 2, with the usage. */
export class UsageError extends Error {
  override name = 'UsageError'
}

type Flags = Record<string, { type: 'boolean' | 'string' }>

const COMMON = { state: { type: 'string' }, json: { type: 'boolean' } } as const
const Common = z.object({ state: z.string().optional(), json: z.boolean().default(false) })

/** Options and names of a command line; every command also takes `--state` and `--json`. @throws UsageError */
export function readLine<T extends z.ZodRawShape>(
  argv: readonly string[],
  shape: T,
  names: readonly string[] = [],
) {
  const flags: Flags = { ...COMMON }
  for (const [name, schema] of Object.entries(shape))
    flags[name] = { type: isBoolean(schema) ? 'boolean' : 'string' }
  const { values, positionals } = parse(argv, flags)
  if (positionals.length !== names.length)
    throw new UsageError(
      names.length === 0
        ? `'${positionals[0]}' is one word too many`
        : `expected ${names.join(' ')} and nothing else`,
    )
  const parsed = z.object(shape).safeParse(values)
  if (!parsed.success) throw new UsageError(parsed.error.issues.map(issueText).join('; '))
  const common = Common.parse(values)
  return {
    options: parsed.data,
    names: positionals,
    json: common.json,
    state: common.state ? callersPath(common.state) : stateFolder(),
  }
}

/** A path as its caller meant it: npm runs us in the folder of the repository. */
const callersPath = (text: string): string => path.resolve(process.env.INIT_CWD ?? '.', text)

function parse(argv: readonly string[], options: Flags) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const isBoolean = (schema: unknown): boolean =>
  schema instanceof z.ZodBoolean ||
  ((schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) &&
    isBoolean(schema.unwrap()))

const issueText = ({ path, message }: z.core.$ZodIssue): string =>
  path.length > 0 ? `--${path.join('.')}: ${message}` : message

export const say = (line: string): void => void process.stderr.write(`${line}\n`)
export const print = (text: string): void => void process.stdout.write(`${text}\n`)
