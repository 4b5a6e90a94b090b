import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'

/** The text of a file, or undefined where there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The text of a secret that must be there. */
export const readSecret = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8')).trim()

/** The secret in a file, made and saved before it is first used: a crash after its use can't lose it. */
export async function secretFile(
  file: string,
  make: () => string | Promise<string>,
): Promise<string> {
  const kept = await readIfThere(file)
  if (kept) return kept
  const secret = (await make()).trim()
  await privateFolder(path.dirname(file))
  await replaceFile(file, `${secret}\n`)
  return secret
}
