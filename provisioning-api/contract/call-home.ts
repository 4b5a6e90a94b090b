import { z } from 'zod'
import { MachineName } from './machine.ts'

/** The body of `POST /api/ready-for-provisioning`. Unknown fields are ignored. */
export const CallHome = z.object({
  ip_address: z.union([z.ipv4(), z.ipv6()], { error: 'expected one IPv4 or IPv6 address' }),
  hostname: MachineName,
  /** The one-time secret that network boot left on the machine: 256 bit. */
  secret: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')
    .optional(),
})
export type CallHome = z.infer<typeof CallHome>

/** The body of `POST /api/enrolment`: minutes from now, 0 closes; `machine` restricts it to one name. */
export const EnrolmentRequest = z.object({
  minutes: z.int().min(0).max(1440),
  machine: MachineName.nullish(),
})
export type EnrolmentRequest = z.infer<typeof EnrolmentRequest>
