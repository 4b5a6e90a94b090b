import { readFile } from 'node:fs/promises'

/** Where the token for Consul comes from. The file may appear later than this process. */
export type TokenSource = { token?: string | undefined; file?: string | undefined }

/** The token now: `wait` while its file does not exist, undefined when none is configured. */
export async function readToken({
  token,
  file,
}: TokenSource): Promise<{ token: string | undefined } | 'wait'> {
  if (token) return { token }
  if (!file) return { token: undefined }
  const text = (await readFile(file, 'utf8').catch(() => '')).trim()
  return text === '' ? 'wait' : { token: text }
}
