import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** What a key may do. `approve` and `admin` are never implied by another scope. */
export const Scope = z.enum(['read', 'chat', 'operate', 'approve', 'admin'])
export type Scope = z.infer<typeof Scope>

export type ApiKey = { id: string; hash: Buffer; scopes: ReadonlySet<Scope> }
/** Who is calling: the key's id and scopes, never the key. */
export type Caller = Pick<ApiKey, 'id' | 'scopes'>

/** SHA-256 of a key's text as 64 hex digits: what the environment variable holds. */
export const digestOf = (key: string): string =>
  createHash('sha256').update(key, 'utf8').digest('hex')

/** 32 random bytes as 64 hex characters. */
export const newKey = (): string => randomBytes(32).toString('hex')

const Entry = /^([0-9a-f]{64})(?::([a-z][a-z0-9-]*))?(?::([a-z]+(?:\+[a-z]+)*))?$/i

/**
 * Reads `<sha256>[:name[:scope+scope]]`, comma separated. A bare digest has every scope.
 * No entry means closed: every key is refused. A malformed entry throws, so the server does not start.
 */
export function parseKeys(list: string): ApiKey[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry, index) => parseEntry(entry, index + 1))
}

function parseEntry(entry: string, number: number): ApiKey {
  const match = Entry.exec(entry)
  if (!match)
    throw new Error(
      `API key ${number} is not a SHA-256 in hex. Make one: printf %s "$KEY" | sha256sum | cut -c1-64`,
    )
  const [, digest = '', name, scopes] = match
  return {
    id: name ?? `key-${number}`,
    hash: Buffer.from(digest, 'hex'),
    scopes: new Set(scopes ? scopes.split('+').map((scope) => Scope.parse(scope)) : Scope.options),
  }
}

/** The variable that counts: PIPECAT_API_KEYS when it is not empty, else the original's spelling. */
export function keysFromEnvironment(env: NodeJS.ProcessEnv): { keys: ApiKey[]; source: string } {
  const source = env.PIPECAT_API_KEYS ? 'PIPECAT_API_KEYS' : 'PIECAT_API_KEYS'
  return { keys: parseKeys(env[source] ?? ''), source }
}

/** Compares with every entry in constant time and never returns early. */
export function findKey(keys: readonly ApiKey[], presented: string): ApiKey | undefined {
  const hash = createHash('sha256').update(presented, 'utf8').digest()
  let found: ApiKey | undefined
  for (const key of keys) if (timingSafeEqual(key.hash, hash)) found = key
  return found
}
