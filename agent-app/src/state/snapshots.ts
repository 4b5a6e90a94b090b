import { createHash, randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { z } from 'zod'
import { Exchange } from '../conversation/history.ts'
import { ConversationId } from '../conversation/history-store.ts'

/** The name of a snapshot: a folder name, so no separators and no `..`. */
export const SnapshotName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)
  .refine((name) => !name.includes('..'))

export const ShortTermMemory = z.object({
  version: z.literal(1),
  conversations: z.record(ConversationId, z.array(Exchange)),
})
export type ShortTermMemory = z.infer<typeof ShortTermMemory>

const MEMORY_FILE = 'short_term_memory.json'
const CHECKSUM_FILE = 'SHA256SUMS'

export class SnapshotMissing extends Error {}
export class SnapshotDamaged extends Error {}

/** Named snapshots: `<folder>/<name>/short_term_memory.json` with its checksum. One operation at a time. */
export class Snapshots {
  readonly #folder: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** A snapshot appears as a whole, or the old one stays. */
  save(name: string, read: () => Promise<ShortTermMemory>): Promise<void> {
    return this.#alone(async () => {
      const text = `${JSON.stringify(await read(), null, 2)}\n`
      const draft = await privateFolder(path.join(this.#folder, `.draft-${randomUUID()}`))
      try {
        await replaceFile(path.join(draft, MEMORY_FILE), text)
        await replaceFile(path.join(draft, CHECKSUM_FILE), `${digest(text)}  ${MEMORY_FILE}\n`)
        await this.#swap(draft, name)
      } finally {
        await rm(draft, { recursive: true, force: true })
      }
    })
  }

  /** Reads, checks, then hands over. Throws SnapshotMissing or SnapshotDamaged before anything changes. */
  load(name: string, apply: (memory: ShortTermMemory) => Promise<void>): Promise<void> {
    return this.#alone(async () => {
      await this.#recover(name)
      await apply(await this.#read(name))
    })
  }

  async #read(name: string): Promise<ShortTermMemory> {
    const folder = path.join(this.#folder, name)
    const text = await readText(path.join(folder, MEMORY_FILE))
    if (text === undefined) throw new SnapshotMissing(name)
    const sums = await readText(path.join(folder, CHECKSUM_FILE))
    if (sums?.split(' ')[0] !== digest(text)) throw new SnapshotDamaged('the checksum differs')
    const parsed = ShortTermMemory.safeParse(JSON.parse(text))
    if (!parsed.success) throw new SnapshotDamaged('the content does not fit')
    return parsed.data
  }

  /** A folder cannot be replaced in one step: the old one waits aside until the new one is there. */
  async #swap(draft: string, name: string): Promise<void> {
    const target = path.join(this.#folder, name)
    await this.#recover(name)
    if (await exists(target)) await rename(target, this.#aside(name))
    await rename(draft, target)
    await rm(this.#aside(name), { recursive: true, force: true })
  }

  /** Killed between the two renames: the old snapshot comes back. */
  async #recover(name: string): Promise<void> {
    const target = path.join(this.#folder, name)
    const aside = this.#aside(name)
    if (!(await exists(aside))) return
    if (await exists(target)) await rm(aside, { recursive: true, force: true })
    else await rename(aside, target)
  }

  #aside(name: string): string {
    return path.join(this.#folder, `.old-${name}`)
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.catch(() => {}).then(work)
    this.#last = result
    return result
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
