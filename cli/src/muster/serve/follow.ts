import { open, stat } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 200
const PIECE_BYTES = 65_536

/** The length of a file in bytes, 0 where there is none. */
export const lengthOf = async (file: string): Promise<number> =>
  (await stat(file).catch(() => undefined))?.size ?? 0

/** Lines that are added to a file from an offset on, until the signal. The file may come later. */
export async function* follow(
  file: string,
  { from, signal }: { from: number; signal: AbortSignal },
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let offset = from
  let rest = ''
  while (!signal.aborted) {
    const bytes = await readPiece(file, offset)
    offset += bytes.length
    const lines = (rest + decoder.write(bytes)).split('\n')
    rest = lines.pop()!
    yield* lines
    if (bytes.length === 0) await sleep(EVERY_MS, undefined, { signal }).catch(() => {})
  }
}

async function readPiece(file: string, offset: number): Promise<Buffer> {
  if ((await lengthOf(file)) <= offset) return Buffer.of()
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PIECE_BYTES), { position: offset })
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
