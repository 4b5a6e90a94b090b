import { z } from 'zod'

/** What a client may say on `/ws` (JSON text frames). Other types are ignored. */
export const ClientMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('user_message'),
    data: z.string(),
    /** An expert id or name to answer this turn; `auto` or absent = the router's choice. */
    expert: z.string().optional(),
  }),
  z.object({
    type: z.literal('approval_response'),
    data: z.object({ request_id: z.string(), approved: z.boolean().default(false) }),
  }),
  /** Stops the answer that is streaming. */
  z.object({ type: z.literal('interrupt') }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

/** What the server says on `/ws`. */
export const ServerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('log'), data: z.string() }),
  z.object({ type: z.literal('user'), data: z.string() }),
  /** The whole reply, once, at the end of a turn. */
  z.object({ type: z.literal('agent'), data: z.string(), expert: z.string().nullable() }),
  z.object({ type: z.literal('agent_delta'), data: z.string() }),
  /** The expert that begins to answer, and why it was chosen. */
  z.object({
    type: z.literal('agent_start'),
    data: z.object({ expert: z.string(), reason: z.string() }),
  }),
  /** A turn that failed: what happened and what to do. */
  z.object({ type: z.literal('error'), data: z.string() }),
])
export type ServerMessage = z.infer<typeof ServerMessage>
