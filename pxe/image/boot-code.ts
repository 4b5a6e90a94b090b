import { LAYOUT, SECTOR } from './layout.ts'

/** Where GRUB's first sector keeps the number of the next one, and a jump that only floppy drives need. */
const NEXT_SECTOR = 0x5c
const DRIVE_CHECK = 0x66
/** Where its second one keeps the first sector of the rest. */
const REST_SECTOR = 0x1f4
/** The table of partitions begins here. */
const CODE_BYTES = 440

type Piece = { at: number; bytes: Buffer }

/**
 * GRUB for BIOS, as `grub-install` would write it: `boot` into the first sector, `core` into the BIOS boot partition.
 * Both name sectors by number, so they are told where they lie. Offsets in bytes of the disk.
 */
export function biosBootCode(boot: Buffer, core: Buffer): Piece[] {
  const { start, bytes } = LAYOUT.bios
  if (core.length > bytes)
    throw new Error(`GRUB's core has ${core.length} bytes, room is for ${bytes}`)
  const first = Buffer.from(boot.subarray(0, CODE_BYTES))
  first.writeBigUInt64LE(BigInt(start / SECTOR), NEXT_SECTOR)
  first.writeUInt16LE(0x9090, DRIVE_CHECK)
  const rest = Buffer.from(core)
  rest.writeBigUInt64LE(BigInt(start / SECTOR + 1), REST_SECTOR)
  return [
    { at: 0, bytes: first },
    { at: start, bytes: rest },
  ]
}
