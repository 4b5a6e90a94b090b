import type { Operation } from '@muster/base/openapi.ts'
import {
  AcceptRequest,
  AcceptWindow,
  AcceptWindowRequest,
  BootBinaryRequest,
} from '@muster/provisioning-api/contract/boot.ts'
import { Enrolment, Job, LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { z } from 'zod'
import { Expert } from '../../contract/expert.ts'
import { Progress } from '../../contract/progress.ts'
import { ChatBody } from '../experts/chat.ts'
import { Login, Session } from './login-routes.ts'

const Message = z.object({ message: z.string() })
const Detail = z.object({ detail: z.unknown() })
const Status = z.object({ status: z.string() })
const OpenAiError = z.object({
  error: z.object({ message: z.string(), type: z.string(), code: z.string().nullable() }),
})
const Models = z.object({ object: z.literal('list'), data: z.array(z.object({ id: z.string() })) })
const SaveName = z.object({ save_name: z.string() })
const WebUis = z.array(z.object({ name: z.string(), url: z.string().nullable() }))
const From = z.object({ from: z.int().nonnegative().default(0) })
const CHANGED = { 200: Machine, 404: Detail, 409: Detail, 422: Detail, 502: Detail }
const SOCKET = 'Switching protocols'

type Summary = Pick<Operation, 'summary' | 'answers'> & Partial<Pick<Operation, 'body' | 'query'>>

/** What each row of the route table does, by `METHOD url`. */
export const summaries: Readonly<Record<string, Summary>> = {
  'GET /': { summary: 'Mission Control.', answers: { 200: 'HTML' } },
  'GET /static/*': { summary: 'Assets of the page.', answers: { 200: 'A file', 404: Detail } },
  'GET /health': {
    summary: 'Whether an expert can answer.',
    answers: { 200: Status, 503: Status },
  },
  'POST /api/login': {
    summary: 'A key for a cookie of 12 hours.',
    body: Login,
    answers: { 204: 'Signed in', 401: Detail, 429: Detail },
  },
  'POST /api/logout': { summary: 'Ends the cookie.', answers: { 204: 'Signed out' } },
  'GET /api/me': {
    summary: 'The key behind the request.',
    answers: { 200: z.object({ id: z.string(), scopes: z.array(z.string()) }) },
  },
  'POST /api/session': {
    summary: 'A one-time ticket for a socket.',
    body: Session,
    answers: { 200: z.object({ wsUrl: z.string(), token: z.string() }) },
  },
  'GET /ws': { summary: 'Socket with JSON messages.', answers: { 101: SOCKET } },
  'GET /rtvi': { summary: 'Socket for RTVI clients.', answers: { 101: SOCKET } },
  'GET /v1/models': { summary: 'Models as OpenAI clients list them.', answers: { 200: Models } },
  'POST /v1/chat/completions': {
    summary: 'A chat answer, streamed as server-sent events with "stream": true.',
    body: ChatBody,
    answers: {
      200: 'A chat completion, or its events',
      400: OpenAiError,
      404: OpenAiError,
      502: OpenAiError,
      503: OpenAiError,
    },
  },
  'GET /api/experts': { summary: 'All experts.', answers: { 200: z.array(Expert) } },
  'GET /api/cluster': { summary: 'What `up` is doing.', answers: { 200: Progress } },
  'GET /api/machines': {
    summary: 'All machines, from the provisioning API.',
    answers: { 200: z.array(Machine), 502: Detail },
  },
  'POST /api/machines/:name/provision': {
    summary: 'Provisions a machine again.',
    answers: {
      202: Message.extend({ job_id: z.string() }),
      404: Detail,
      409: Message,
      502: Detail,
    },
  },
  'POST /api/machines/:name/accept': {
    summary: 'Lets a machine be installed at its next network boot.',
    body: AcceptRequest,
    answers: CHANGED,
  },
  'POST /api/machines/:name/reinstall': {
    summary: 'Lets a machine be erased and installed again.',
    body: AcceptRequest,
    answers: CHANGED,
  },
  'POST /api/machines/:name/retire': {
    summary: 'Ends a machine: it boots its disk and may not call home.',
    answers: CHANGED,
  },
  'POST /api/machines/:name/boot-binary': {
    summary: 'Chooses the first program that a machine loads from the network.',
    body: BootBinaryRequest,
    answers: CHANGED,
  },
  'GET /api/machines/:name/boot-log': {
    summary: 'What a machine said while it was installed, from a byte offset.',
    query: From,
    answers: { 200: LogPiece, 404: Detail, 502: Detail },
  },
  'GET /api/jobs/:id': { summary: 'One job.', answers: { 200: Job, 404: Detail, 502: Detail } },
  'GET /api/jobs/:id/log': {
    summary: 'A piece of a log from a byte offset.',
    query: From,
    answers: { 200: LogPiece, 404: Detail, 502: Detail },
  },
  'GET /api/enrolment': {
    summary: 'The enrolment window.',
    answers: { 200: Enrolment, 502: Detail },
  },
  'GET /api/accept-window': {
    summary: 'The time in which listed machines are accepted when they are seen.',
    answers: { 200: AcceptWindow, 502: Detail },
  },
  'POST /api/accept-window': {
    summary: 'Opens it, or closes it with 0 minutes.',
    body: AcceptWindowRequest,
    answers: { 200: AcceptWindow, 409: Detail, 422: Detail, 502: Detail },
  },
  'GET /api/status': { summary: 'What the agent is doing, as text.', answers: { 200: Status } },
  'GET /api/web_uis': { summary: 'Pages of the cluster.', answers: { 200: WebUis, 503: WebUis } },
  'POST /api/state/save': {
    summary: 'Saves the conversations under a name.',
    body: SaveName,
    answers: { 200: Message, 400: Message, 500: Message, 503: Message },
  },
  'POST /api/state/load': {
    summary: 'Loads saved conversations.',
    body: SaveName,
    answers: { 200: Message, 400: Message, 404: Message, 500: Message, 503: Message },
  },
  'GET /openapi.json': {
    summary: 'This API as OpenAPI 3.1.',
    answers: { 200: 'An OpenAPI document' },
  },
  'GET /docs': { summary: 'This API as a page.', answers: { 200: 'HTML' } },
}
