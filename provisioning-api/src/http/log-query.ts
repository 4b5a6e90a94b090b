import { z } from 'zod'

/** Query of the routes that answer a piece of a log. */
export const LogQuery = z.object({ from: z.coerce.number().int().nonnegative().default(0) })
