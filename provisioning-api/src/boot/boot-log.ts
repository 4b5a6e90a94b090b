import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { plainText } from '../jobs/plain-text.ts'

/** Of one machine's log; then it becomes `.old`, which replaces the one before. */
const LIMIT_BYTES = 1024 * 1024
const MAX_LINE = 2000
/** Grants have 32 hex digits, secrets 64: the installer logs its command line and its URLs. */
const SECRETS = /\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b/g

/** A line without secrets, control characters and line ends, cut at 2,000 characters. */
export const cleanLine = (line: string): string =>
  plainText(line.replaceAll(/[\r\n]+/g, ' '))
    .replaceAll(SECRETS, '[redacted]')
    .slice(0, MAX_LINE)

/** What installing machines said, one bounded file per machine. A full disk loses lines, never an answer. */
export class BootLogs {
  readonly #folder: string
  readonly #limit: number

  constructor(folder: string, limit = LIMIT_BYTES) {
    this.#folder = folder
    this.#limit = limit
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  file(id: string): string {
    return path.join(this.#folder, `${id}.log`)
  }

  append(id: string, text: string, now = Date.now()): void {
    const time = new Date(now).toISOString()
    const lines = text.split('\n').map(cleanLine).filter(Boolean)
    if (lines.length === 0) return
    try {
      this.#turnOver(id)
      appendFileSync(this.file(id), lines.map((line) => `${time} ${line}\n`).join(''), {
        mode: 0o600,
      })
    } catch {
      // The disk is full or gone; the machine's record still gets its outcome.
    }
  }

  #turnOver(id: string): void {
    const size = statSync(this.file(id), { throwIfNoEntry: false })?.size ?? 0
    if (size > this.#limit) renameSync(this.file(id), `${this.file(id)}.old`)
  }
}
