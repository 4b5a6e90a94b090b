import { z } from 'zod'

export const JobState = z.enum([
  'queued',
  'running',
  'success',
  'failed',
  'interrupted',
  'cancelled',
])
export type JobState = z.infer<typeof JobState>

/** The phases of one provisioning run, in order. */
export const JobPhase = z.enum(['prepare', 'configure', 'join', 'deploy'])
export type JobPhase = z.infer<typeof JobPhase>

/** One run for one machine. Times are RFC 3339 in UTC, `null` until they happen. */
export const Job = z.object({
  id: z.string(),
  machine: z.string(),
  ip_address: z.string(),
  state: JobState,
  phase: JobPhase.nullable(),
  stage: z.string().nullable(),
  reason: z.string().nullable(),
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
})
export type Job = z.infer<typeof Job>

/** A piece of a job's log from a byte offset. `done` = the job has ended and this is all of it. */
export const LogPiece = z.object({
  text: z.string(),
  next: z.int().nonnegative(),
  done: z.boolean(),
})
export type LogPiece = z.infer<typeof LogPiece>

/** The Job object of the original's status routes (wire-compatible), with `state` added. */
export const StatusJob = z.object({
  status: z.enum(['running', 'success', 'failed']),
  state: JobState,
  start_time: z.string(),
  end_time: z.string().nullable(),
  /** The last 64 KiB; the first line says when it was cut. */
  log: z.string(),
  job_id: z.string(),
})
export type StatusJob = z.infer<typeof StatusJob>

/** Whether machines without a credential may call home now. */
export const Enrolment = z.object({
  open: z.boolean(),
  until: z.string().nullable(),
  machine: z.string().nullable(),
})
export type Enrolment = z.infer<typeof Enrolment>
