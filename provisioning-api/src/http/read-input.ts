import { MusterError } from '@muster/base/errors.ts'
import type { z } from 'zod'
import { invalidBody } from './invalid-body.ts'

/** @throws MusterError `body-unreadable` or `body-invalid` */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw new MusterError('body-unreadable')
  return readInput(schema, body, 'body')
}

/** @throws MusterError `body-invalid` that names the place */
export function readInput<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalidBody(parsed.error, place)
  return parsed.data
}
