import { z } from 'zod'

const UNPRINTABLE = /[^\x20-\x7e]+/g

/** Text of a machine's firmware: printable ASCII only, and cut, because boards put anything there. */
export const hardwareText = (most: number) =>
  z.string().transform((text) => text.replace(UNPRINTABLE, ' ').trim().slice(0, most))

/** Six bytes in lower-case hex with colons; read with dashes, too. */
export const Mac = z
  .string()
  .transform((text) => text.toLowerCase().replaceAll('-', ':'))
  .refine((mac) => /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac), 'expected a MAC address')
  // A group address, or the zeros of a card without one, names no machine.
  .refine((mac) => !/^.[13579bdf]|^00:00:00:00:00:00$/.test(mac), 'this is no card’s own address')

/** `wwid:...`, `serial:...` or `path:...`, as `pxe/live/disk-id.sh` makes it. */
export const DiskId = z
  .string()
  .max(300)
  .regex(
    /^(wwid|serial|path):[A-Za-z0-9._:+_-]+$/,
    'expected a stable disk id (wwid:, serial:, path:)',
  )

export const Firmware = z.enum(['bios', 'uefi'])
export type Firmware = z.infer<typeof Firmware>

const Count = z.number().nonnegative()

export const Disk = z.object({
  id: DiskId,
  name: hardwareText(40),
  bytes: Count,
  model: hardwareText(80),
  serial: hardwareText(80),
  removable: z.boolean(),
  rotational: z.boolean(),
  blank: z.boolean(),
  /** What is on it, for people; empty when blank. */
  contents: hardwareText(300),
})
export type Disk = z.infer<typeof Disk>

export const Nic = z.object({
  name: hardwareText(40),
  mac: Mac,
  driver: hardwareText(40),
  link: z.boolean(),
  mbps: Count.nullable().default(null),
})
export type Nic = z.infer<typeof Nic>

export const Product = z.object({
  vendor: hardwareText(80),
  name: hardwareText(80),
  serial: hardwareText(80),
  uuid: hardwareText(40),
})
export type Product = z.infer<typeof Product>

/** What the live system found on a machine: the `facts` of `POST /boot/facts`. */
export const Facts = z.object({
  firmware: Firmware,
  cpu: z.object({
    model: hardwareText(120),
    cores: Count,
    /** As in /proc/cpuinfo, separated by spaces. */
    flags: hardwareText(6000),
  }),
  memory_mb: Count,
  product: Product,
  disks: z.array(Disk).max(32),
  nics: z.array(Nic).max(32),
})
export type Facts = z.infer<typeof Facts>

/** llama.cpp's CPU variants as Debian ships them. */
export const CpuVariant = z.enum([
  'x64',
  'sse42',
  'sandybridge',
  'ivybridge',
  'piledriver',
  'haswell',
  'skylakex',
  'cannonlake',
  'cascadelake',
  'icelake',
  'cooperlake',
  'zen4',
  'alderlake',
  'sapphirerapids',
])
export type CpuVariant = z.infer<typeof CpuVariant>

/** The same for people: the flags became the variant of llama.cpp that this processor can run. */
export const Hardware = Facts.extend({
  cpu: Facts.shape.cpu.omit({ flags: true }).extend({ variant: CpuVariant }),
})
export type Hardware = z.infer<typeof Hardware>
