import { z } from 'zod'

export const RTVI_LABEL = 'rtvi-ai'
export const RTVI_VERSION = '2.1.0'

/** The envelope of every client message. Unknown types are answered with `error-response`. */
export const Envelope = z.object({
  label: z.literal(RTVI_LABEL),
  type: z.string(),
  id: z.string(),
  data: z.unknown(),
})
export type Envelope = z.infer<typeof Envelope>

export const ClientReady = z.object({ version: z.string() })
export const SendText = z.object({
  content: z.string(),
  options: z.object({ run_immediately: z.boolean().default(true) }).prefault({}),
})
/** Free requests; `interrupt` stops the answer. */
export const Request = z.object({ t: z.string(), d: z.unknown() })
