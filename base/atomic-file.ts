import { randomUUID } from 'node:crypto'
import { access, constants, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * Replaces a file as a whole: a reader sees the old text or the new one, never half of either,
 * and after the promise resolves the new one survives a power cut.
 * @param mode permission bits, private by default
 */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const draft = `${file}.${randomUUID()}.draft`
  try {
    await writeFile(draft, content, { flag: 'wx', mode })
    await publishFile(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/**
 * Gives a finished draft of the same file system its name, for files that another program wrote:
 * after a power cut the name holds all of it or is not there.
 */
export async function publishFile(draft: string, file: string): Promise<void> {
  await sync(draft)
  await rename(draft, file)
  // A rename is durable only once its folder is.
  await sync(path.dirname(file))
}

/** Whether a path can be reached; with `constants.X_OK` also executed. */
export const isThere = (file: string, mode = constants.F_OK): Promise<boolean> =>
  access(file, mode).then(
    () => true,
    () => false,
  )

async function sync(place: string): Promise<void> {
  const handle = await open(place, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder that only its owner may enter. */
export async function privateFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}
