import { MusterError } from '@muster/base/errors.ts'
import type { z } from 'zod'

/** The value as the schema sees it; throws `body-unreadable` when it is no object, `body-invalid` with the issues. */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new MusterError('body-unreadable')
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({
    loc: ['body', ...path],
    msg: message,
  }))
  throw new MusterError('body-invalid', { issues })
}
