import { z } from 'zod'

/** One step of `up`, as printed and as the page shows it. */
export const ProgressStep = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'skipped', 'failed']),
  /** What is going on, why it was skipped, or what failed and what to do. */
  detail: z.string().nullable(),
  seconds: z.number().nullable(),
})
export type ProgressStep = z.infer<typeof ProgressStep>

/** The start of an appliance: `cluster` is true once the expert of the cluster is routable. */
export const Progress = z.object({ cluster: z.boolean(), steps: z.array(ProgressStep) })
export type Progress = z.infer<typeof Progress>
