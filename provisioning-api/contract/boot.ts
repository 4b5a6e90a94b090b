import { z } from 'zod'
import { Facts, Mac } from './hardware.ts'
import { DiskRule, InstallMode, InstallStage, MachineName } from './machine.ts'

/** How machines are to be installed. `erase` allows a disk that is not blank. */
const Installation = z.object({
  mode: InstallMode.default('image'),
  disk: DiskRule.default('only'),
  erase: z.boolean().default(false),
})
export type Installation = z.infer<typeof Installation>

/** The body of `POST /api/machines/:name/accept` and `/reinstall`; a name is given once, at the first. */
export const AcceptRequest = Installation.extend({ name: MachineName.optional() })
export type AcceptRequest = z.infer<typeof AcceptRequest>

/** The body of `POST /api/accept-window`: minutes from now, 0 closes. */
export const AcceptWindowRequest = Installation.extend({
  minutes: z.int().min(0).max(1440),
  macs: z.array(Mac).max(500).default([]),
}).refine(({ minutes, macs }) => minutes === 0 || macs.length > 0, {
  path: ['macs'],
  error: 'name the machines: at least one MAC address',
})
export type AcceptWindowRequest = z.infer<typeof AcceptWindowRequest>

/** The time in which listed machines are accepted when they are seen. */
export const AcceptWindow = Installation.extend({
  open: z.boolean(),
  until: z.string().nullable(),
  macs: z.array(z.string()),
})
export type AcceptWindow = z.infer<typeof AcceptWindow>

/** First programs by kind of firmware, each with the one to try when it does not work. */
export const bootBinaries = {
  pcbios: ['undionly.kpxe', 'undionly.kkpxe', 'ipxe.pxe'],
  efi: ['snponly.efi', 'ipxe.efi'],
} as const
export const BootBinary = z.enum([...bootBinaries.pcbios, ...bootBinaries.efi])
export type BootBinary = z.infer<typeof BootBinary>

/** The body of `POST /api/machines/:name/boot-binary`: null = the default, `next` = the one after. */
export const BootBinaryRequest = z.object({
  binary: z.union([BootBinary, z.literal('next'), z.null()]),
})
export type BootBinaryRequest = z.infer<typeof BootBinaryRequest>

/** One acceptance's permission to install, 128 bit. */
export const GrantToken = z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hex digits')

export const FactsReport = z.object({ grant: GrantToken, facts: Facts })
export const GrantOnly = z.object({ grant: GrantToken })
export const ProgressReport = z.object({
  grant: GrantToken,
  stage: InstallStage,
  percent: z.number().min(0).max(100).nullish(),
})
export const FailureReport = z.object({
  grant: GrantToken,
  /** One sentence. */
  reason: z.string(),
  /** The last lines the machine said. */
  log: z.string().default(''),
})

/** What the live system is to do, as `key=value` lines of printable ASCII. */
export const PlanAction = z.enum(['install', 'installer', 'local'])
export type PlanAction = z.infer<typeof PlanAction>
