import { readdir, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { MusterError } from '@muster/base/errors.ts'
import type { Logger } from 'pino'
import { z } from 'zod'
import { type Exchange, HistoryFile } from './history.ts'

/** The name of a conversation: part of a file name, so nothing but letters, digits, `_` and `-`. */
export const ConversationId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)

/** Histories on disk: `<folder>/<conversation>.json`. */
export class HistoryStore {
  readonly #folder: string
  readonly #log: Logger
  /** Writes of one file follow each other, so that the newest content is the last one written. */
  readonly #writes = new Map<string, Promise<void>>()

  constructor(folder: string, log: Logger) {
    this.#folder = folder
    this.#log = log
  }

  /** The exchanges of a conversation, none when it is new. A damaged file is moved aside, not overwritten. */
  async read(id: string): Promise<Exchange[]> {
    const file = this.#file(id)
    try {
      return HistoryFile.parse(JSON.parse(await readFile(file, 'utf8'))).exchanges
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
      const aside = `${file}.damaged-${Date.now()}`
      await rename(file, aside)
      this.#log.error({ file: aside }, 'A conversation file was unreadable and was moved aside')
      return []
    }
  }

  /** Resolves when the content is on disk; throws `store-failed` or `disk-full`. */
  async write(id: string, content: HistoryFile): Promise<void> {
    const text = `${JSON.stringify(content)}\n`
    const write = (this.#writes.get(id) ?? Promise.resolve())
      .catch(() => {})
      .then(async () => {
        await privateFolder(this.#folder)
        await replaceFile(this.#file(id), text)
      })
    this.#writes.set(id, write)
    try {
      await write
    } catch (cause) {
      const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '')
      throw new MusterError(full ? 'disk-full' : 'store-failed', {}, { cause })
    } finally {
      if (this.#writes.get(id) === write) this.#writes.delete(id)
    }
  }

  /** The ids of all conversations on disk, sorted. */
  async ids(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => [])
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .filter((id) => ConversationId.safeParse(id).success)
      .sort()
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`)
  }
}
