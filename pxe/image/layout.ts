/** Bytes of a sector, of the table and of the disk: 4096-byte sectors need another image. */
export const SECTOR = 512
export const MIB = 1024 * 1024

/** Fixed, so that the same packages give the same bytes; the live system gives each machine its own. */
const IDS = {
  disk: '4D757374-6572-4000-8000-000000000000',
  bios: '4D757374-6572-4000-8000-000000000001',
  esp: '4D757374-6572-4000-8000-000000000002',
  root: '4D757374-6572-4000-8000-000000000003',
}
const TYPES = {
  bios: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  root: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
}
export const ROOT_UUID = '4d757374-6572-4000-8000-000000000004'

/** Bytes. The BIOS boot partition fills what is left of the first MiB, so that this MiB decides whether a disk boots. */
export const LAYOUT = {
  bios: { start: 34 * SECTOR, bytes: (2048 - 34) * SECTOR },
  // The smallest that may be called FAT32, which is what some firmware wants.
  esp: { start: MIB, bytes: 36 * MIB },
  root: { start: 37 * MIB },
}

/** sfdisk's script of the table for a root of this many bytes. */
export function partitionTable(rootBytes: number): string {
  const line = (start: number, bytes: number, rest: string) =>
    `start=${start / SECTOR}, size=${bytes / SECTOR}, ${rest}`
  const kind = (name: 'bios' | 'esp' | 'root') =>
    `type=${TYPES[name]}, uuid=${IDS[name]}, name="${name}"`
  return [
    ...['label: gpt', `label-id: ${IDS.disk}`, 'unit: sectors', 'first-lba: 34', ''],
    line(LAYOUT.bios.start, LAYOUT.bios.bytes, kind('bios')),
    line(LAYOUT.esp.start, LAYOUT.esp.bytes, kind('esp')),
    line(LAYOUT.root.start, rootBytes, kind('root')),
    '',
  ].join('\n')
}

/** Bytes of the whole image: the last MiB holds the second copy of the table. */
export const imageBytes = (rootBytes: number): number => LAYOUT.root.start + rootBytes + MIB

/** Bytes for a root that holds this much: metadata, the journal, and what the first boot writes before it grows. */
export const rootBytes = (contents: number): number => Math.ceil((contents * 1.04) / MIB + 72) * MIB
