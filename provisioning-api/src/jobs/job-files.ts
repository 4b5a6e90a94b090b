import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { privateFolder } from '@muster/base/atomic-file.ts'

/** The files of one job's folder below `<state>/provisioning/jobs`. */
export class JobFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  folder(id: string): string {
    return path.join(this.#root, id)
  }
  log(id: string): string {
    return path.join(this.folder(id), 'log')
  }
  inventory(id: string): string {
    return path.join(this.folder(id), 'inventory.yaml')
  }
  variables(id: string): string {
    return path.join(this.folder(id), 'vars.json')
  }
  create(id: string): Promise<string> {
    return privateFolder(this.folder(id))
  }

  /** Removes the job's secrets, half-written drafts included. */
  async removeVariables(id: string): Promise<void> {
    const prefix = path.basename(this.variables(id))
    const names = await namesIn(this.folder(id))
    for (const name of names.filter((one) => one.startsWith(prefix)))
      await rm(path.join(this.folder(id), name), { force: true })
  }

  /** Removes what a killed server left over. */
  async removeAllVariables(): Promise<void> {
    for (const id of await namesIn(this.#root)) await this.removeVariables(id)
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
