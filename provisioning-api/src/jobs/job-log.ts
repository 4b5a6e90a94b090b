import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { plainText } from './plain-text.ts'

export const LOG_LIMIT_BYTES = 8 * 1024 * 1024
const PIECE_BYTES = 256 * 1024
const TAIL_BYTES = 64 * 1024

/**
 * Writes a job's log: whole lines, redacted, without control characters, at most `limit` bytes and a line that says so.
 * A full disk loses lines, never the run.
 */
export class JobLog {
  readonly #descriptor: number
  readonly #limit: number
  #size: number
  #full = false
  #redact: (line: string) => string = (line) => line

  constructor(file: string, limit = LOG_LIMIT_BYTES) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    this.#descriptor = openSync(file, 'a', 0o600)
    this.#size = fstatSync(this.#descriptor).size
    this.#limit = limit
  }

  redactWith(redact: (line: string) => string): void {
    this.#redact = redact
  }

  /** The line as the log shows it. */
  clean(line: string): string {
    return plainText(this.#redact(line))
  }

  /** Returns the line as written: what else is made of it must be made of this. */
  append(line: string): string {
    const clean = this.clean(line)
    if (!this.#full) this.#write(clean)
    return clean
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #write(clean: string): void {
    const bytes = Buffer.from(`${clean}\n`)
    this.#full = this.#size + bytes.length > this.#limit
    const kept = this.#full
      ? Buffer.from(`[the log reached ${this.#limit} bytes; the rest was not kept]\n`)
      : bytes
    try {
      this.#size += writeSync(this.#descriptor, kept)
    } catch {
      // The disk is full or gone; the job's row still gets its outcome.
    }
  }
}

/** A piece of a log file by byte offset, cut between characters. `size` = the bytes there are now. */
export async function readPiece(
  file: string,
  from: number,
  maxBytes = PIECE_BYTES,
): Promise<{ text: string; next: number; size: number }> {
  return withFile(file, { text: '', next: 0, size: 0 }, async (handle) => {
    const { size } = await handle.stat()
    const start = Math.min(from, size)
    const buffer = Buffer.alloc(Math.min(maxBytes, size - start))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start)
    const piece = wholeCharacters(buffer.subarray(0, bytesRead))
    return { text: piece.toString('utf8'), next: start + piece.length, size }
  })
}

/** The end of a log file; the first line says when it was cut. */
export async function readTail(file: string, maxBytes = TAIL_BYTES): Promise<string> {
  return withFile(file, '', async (handle) => {
    const { size } = await handle.stat()
    const length = Math.min(maxBytes, size)
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, size - length)
    if (size <= maxBytes) return buffer.toString('utf8', 0, bytesRead)
    let start = 0
    while (start < bytesRead && isContinuation(buffer[start])) start += 1
    const tail = buffer.toString('utf8', start, bytesRead)
    return `[cut: the last ${maxBytes} of ${size} bytes; the whole log is at /api/jobs/<job_id>/log]\n${tail}`
  })
}

const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80

/** Leaves off a character at the end that is not complete yet. */
function wholeCharacters(bytes: Buffer): Buffer {
  let lead = bytes.length - 1
  while (lead >= 0 && lead > bytes.length - 4 && isContinuation(bytes[lead])) lead -= 1
  const first = bytes[lead] ?? 0
  const needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
  const complete = bytes.length - lead >= needed
  return complete ? bytes : bytes.subarray(0, Math.max(lead, 0))
}

async function withFile<T>(
  file: string,
  absent: T,
  work: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  let handle: FileHandle
  try {
    handle = await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent
    throw error
  }
  try {
    return await work(handle)
  } finally {
    await handle.close()
  }
}
