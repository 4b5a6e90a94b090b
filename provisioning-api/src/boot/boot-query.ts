import { z } from 'zod'
import { hardwareText, Mac } from '../../contract/hardware.ts'
import { Platform } from '../../contract/machine.ts'

/** A machine with more network cards than this does not tell all of them. */
const MOST_MACS = 16

const Macs = z
  .string()
  .transform((list) => list.split(',').filter(Boolean))
  .pipe(z.array(z.string()).max(MOST_MACS))
  // A card without an address of its own (zeros) does not make the others unknown.
  .transform((list) => [...new Set(list.flatMap((mac) => Mac.safeParse(mac).data ?? []))])
  .refine((macs) => macs.length > 0, 'expected at least one MAC address')

const said = hardwareText(80).default('')

/** What `/boot.ipxe` tells of a machine. Texts of its firmware are cleaned, never trusted. */
export const BootQuery = z.object({
  macs: Macs,
  platform: Platform,
  cpu: z.enum(['x86_64', 'i386']),
  uuid: said,
  serial: said,
  manufacturer: said,
  product: said,
  /** The driver of iPXE, for people. */
  chip: said,
  buildarch: said,
  /** Set by a script that waits: it wants no second wait inside its own. */
  poll: z.literal('1').optional(),
})
export type BootQuery = z.infer<typeof BootQuery>
