import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

export const textOf = (file: string): Promise<string> => readFile(file, 'utf8')

/** The lines of a list that are not comments, in words. */
export const wordsOf = async (file: string): Promise<string[]> =>
  (await textOf(file)).replace(/^#.*$/gm, '').split(/\s+/).filter(Boolean)

/** Every text file below a folder with its name, in order: what a stage is keyed by. */
export async function textsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  return Promise.all(
    files.sort().map(async (file) => `${file}\n${await textOf(path.join(folder, file))}`),
  )
}
