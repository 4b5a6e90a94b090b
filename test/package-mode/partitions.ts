import { open } from 'node:fs/promises'

export type Partition = { type: string; firstSector: number; lastSector: number }

/** Kinds of partitions by the GUID that GPT gives them. */
const TYPES: Record<string, string> = {
  '21686148-6449-6e6f-744e-656564454649': 'BIOS boot',
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'EFI system',
  '0fc63daf-8483-4772-8e79-3d69d8477de4': 'Linux',
}
const SECTOR = 512

/** The partitions of a raw disk. @throws Error when its partition table is no GPT */
export async function readPartitions(disk: string): Promise<Partition[]> {
  const file = await open(disk)
  try {
    const { buffer } = await file.read(Buffer.alloc(34 * SECTOR), 0, 34 * SECTOR, 0)
    if (buffer.toString('latin1', SECTOR, SECTOR + 8) !== 'EFI PART')
      throw new Error(`${disk} has no GPT`)
    const entries = Array.from({ length: 128 }, (_, index) =>
      buffer.subarray(2 * SECTOR + index * 128, 2 * SECTOR + (index + 1) * 128),
    )
    return entries.filter((entry) => entry.some((byte) => byte !== 0)).map(parseEntry)
  } finally {
    await file.close()
  }
}

function parseEntry(entry: Buffer): Partition {
  const guid = guidOf(entry)
  return {
    type: TYPES[guid] ?? guid,
    firstSector: Number(entry.readBigUInt64LE(32)),
    lastSector: Number(entry.readBigUInt64LE(40)),
  }
}

/** The first three groups are little-endian. */
function guidOf(entry: Buffer): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const little = (from: number, to: number) =>
    hex(Uint8Array.from(entry.subarray(from, to)).reverse())
  return [
    little(0, 4),
    little(4, 6),
    little(6, 8),
    hex(entry.subarray(8, 10)),
    hex(entry.subarray(10, 16)),
  ].join('-')
}

/** Whether a sector begins an ext4 file system: its superblock's magic number, 1,080 bytes after. */
export async function isExt(disk: string, firstSector: number): Promise<boolean> {
  const file = await open(disk)
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, firstSector * SECTOR + 1080)
    return buffer.readUInt16LE() === 0xef53
  } finally {
    await file.close()
  }
}
