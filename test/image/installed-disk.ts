import { open, readFile, rm, stat } from 'node:fs/promises'
import { LAYOUT, MIB } from '@muster/pxe/image/layout.ts'
import { testTools } from './test-image.ts'

/** Bytes of a file from this one on. */
export async function bytesOf(
  file: string,
  { at, length }: { at: number; length: number },
): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Whether firmware finds nothing on a disk: neither at its beginning nor the copy of a table at its end. */
export async function bootsNothing(disk: string): Promise<boolean> {
  const { size } = await stat(disk)
  const ends = await Promise.all([0, size - MIB].map((at) => bytesOf(disk, { at, length: MIB })))
  return ends.every((bytes) => bytes.every((byte) => byte === 0))
}

/** A disk that was written, read with Debian's own tools. */
export class InstalledDisk {
  readonly #disk: string

  constructor(disk: string) {
    this.#disk = disk
  }

  /** A file of its root. */
  async file(name: string): Promise<Buffer> {
    const { run } = await testTools()
    const copy = `${this.#disk}.file`
    await run('sbin/debugfs', [
      '-R',
      `dump ${name} ${copy}`,
      `${this.#disk}?offset=${LAYOUT.root.start}`,
    ])
    const content = await readFile(copy)
    await rm(copy)
    return content
  }

  /** What is wrong with the filesystem of its root. @returns the exit status of e2fsck, 0 = nothing */
  async check(): Promise<number | undefined> {
    const { run } = await testTools()
    const place = `${this.#disk}?offset=${LAYOUT.root.start}`
    return (await run('sbin/e2fsck', ['-fn', place], { reject: false })).exitCode
  }

  /** Its table of partitions; throws where sfdisk finds one of the two copies bad. */
  async table(): Promise<{
    id: string
    partitions: { start: number; size: number; uuid: string }[]
  }> {
    const { run } = await testTools()
    await run('sbin/sfdisk', ['--verify', '--quiet', this.#disk])
    const { stdout } = await run('sbin/sfdisk', ['--json', this.#disk])
    return JSON.parse(String(stdout)).partitiontable
  }
}
