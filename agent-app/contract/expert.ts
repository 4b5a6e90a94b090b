import { z } from 'zod'

/** Consul services of experts are named `llama-api-<expert>`. */
export const EXPERT_SERVICE_PREFIX = 'llama-api-'

/** One running instance of an expert. `id` is what a client names as model: `general@w1`, `embedded`. */
export const Expert = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['cluster', 'embedded']),
  /** The machine it runs on, null for the embedded one. */
  node: z.string().nullable(),
  model: z.string().nullable(),
  /** True for the one that answers only when no other can. */
  fallback: z.boolean(),
  healthy: z.boolean(),
  /** Why it cannot answer, for people; absent when it can or nobody knows. */
  detail: z.string().optional(),
})
export type Expert = z.infer<typeof Expert>
