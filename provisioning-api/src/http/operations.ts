import type { Operation } from '@muster/base/openapi.ts'
import { z } from 'zod'
import { CallHome, EnrolmentRequest } from '../../contract/call-home.ts'
import { Enrolment, Job, LogPiece, StatusJob } from '../../contract/job.ts'
import { Machine } from '../../contract/machine.ts'
import { bootOperations } from './boot-operations.ts'
import { LogQuery } from './log-query.ts'

const Message = z.object({ message: z.string() })
const Detail = z.object({ detail: z.unknown() })
const Accepted = Message.extend({ job_id: z.string() })

/** Every route of the provisioning API, as `/openapi.json` and `/docs` show it. */
export const operations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/api/ready-for-provisioning',
    summary:
      'A machine calls home. Needs no key while the enrolment window is open, else scope operate.',
    access: 'open',
    body: CallHome,
    answers: {
      202: Message,
      400: Detail,
      401: Detail,
      409: Message,
      413: Detail,
      422: Detail,
      429: Detail,
      503: Detail,
      507: Detail,
    },
  },
  {
    method: 'GET',
    path: '/api/provisioning/status',
    summary: 'The latest job of every machine, by host name.',
    access: 'read',
    answers: { 200: z.record(z.string(), StatusJob) },
  },
  {
    method: 'GET',
    path: '/api/provisioning/status/:hostname',
    summary: 'The latest job of one machine.',
    access: 'read',
    answers: { 200: StatusJob, 404: Detail },
  },
  {
    method: 'GET',
    path: '/api/machines',
    summary: 'All machines.',
    access: 'read',
    answers: { 200: z.array(Machine) },
  },
  {
    method: 'GET',
    path: '/api/machines/:name',
    summary: 'One machine.',
    access: 'read',
    answers: { 200: Machine, 404: Detail },
  },
  {
    method: 'POST',
    path: '/api/machines/:name/provision',
    summary: 'Provisions a machine again.',
    access: 'operate',
    answers: { 202: Accepted, 404: Detail, 409: Message },
  },
  {
    method: 'GET',
    path: '/api/jobs',
    summary: 'The newest 500 jobs.',
    access: 'read',
    answers: { 200: z.array(Job) },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id',
    summary: 'One job.',
    access: 'read',
    answers: { 200: Job, 404: Detail },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id/log',
    summary: 'A piece of the log from a byte offset.',
    access: 'read',
    query: LogQuery,
    answers: { 200: LogPiece, 404: Detail, 422: Detail },
  },
  {
    method: 'GET',
    path: '/api/enrolment',
    summary: 'The enrolment window.',
    access: 'read',
    answers: { 200: Enrolment },
  },
  {
    method: 'POST',
    path: '/api/enrolment',
    summary: 'Opens the enrolment window, or closes it with 0 minutes.',
    access: 'operate',
    body: EnrolmentRequest,
    answers: { 200: Enrolment, 422: Detail },
  },
  ...bootOperations,
  {
    method: 'GET',
    path: '/artifacts/*',
    summary: 'A file that machines fetch.',
    access: 'open',
    answers: { 200: 'The file', 404: Detail },
  },
  {
    method: 'GET',
    path: '/health',
    summary: 'Alive.',
    access: 'open',
    answers: { 200: z.object({ status: z.literal('ok') }) },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This API as OpenAPI 3.1.',
    access: 'read',
    answers: { 200: 'An OpenAPI document' },
  },
  {
    method: 'GET',
    path: '/docs',
    summary: 'This API as a page.',
    access: 'read',
    answers: { 200: 'HTML' },
  },
]
