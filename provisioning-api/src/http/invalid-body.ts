import { MusterError } from '@muster/base/errors.ts'
import type { z } from 'zod'

/** 422 with one entry per problem: where, what, and its kind. */
export const invalidBody = (error: z.ZodError, place = 'body'): MusterError =>
  new MusterError('body-invalid', {
    issues: error.issues.map(({ path, message, code }) => ({
      loc: [place, ...path.map((key) => (typeof key === 'symbol' ? String(key) : key))],
      msg: message,
      type: code ?? 'custom',
    })),
  })
