import { Expert } from '@muster/agent-app/contract/expert.ts'
import { Progress } from '@muster/agent-app/contract/progress.ts'
import {
  type AcceptRequest,
  AcceptWindow,
  type AcceptWindowRequest,
  type BootBinaryRequest,
} from '@muster/provisioning-api/contract/boot.ts'
import { Enrolment, LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { z } from 'zod'

/** Milliseconds after which a request counts as unanswered. */
const PATIENCE = 10_000

export const Me = z.object({ id: z.string(), scopes: z.array(z.string()) })
export type Me = z.infer<typeof Me>
export const Session = z.object({ wsUrl: z.string(), token: z.string() })
export type Session = z.infer<typeof Session>
/** A surface of the cluster; `url` is null while it cannot be reached. */
export const WebLink = z.object({ name: z.string(), url: z.string().nullable() })
export type WebLink = z.infer<typeof WebLink>
export const StatusText = z.object({ status: z.string() })
export const Message = z.object({ message: z.string() })
/** How a server tells that one field of a body does not fit. */
const Issues = z.array(
  z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }),
)
const Problem = z.object({
  detail: z.unknown().optional(),
  message: z.string().optional(),
  scope: z.string().optional(),
  /** The name of a machine that did not fit. */
  name: z.string().optional(),
})

/**
 * A refused or unanswered request. `status` is 0 when no answer came, `retryAfter` is in seconds.
 * `field` = the one of the body that did not fit, where the server named one.
 */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly retryAfter: number | null
  readonly field: string | null

  constructor(status: number, message: string, more: { retryAfter?: number; field?: string } = {}) {
    super(message)
    this.status = status
    this.retryAfter = more.retryAfter ?? null
    this.field = more.field ?? null
  }
}

let expired: () => void = () => {}
/** Registers what happens when a request of a signed-in person is answered with 401. */
export const whenExpired = (listener: () => void): void => {
  expired = listener
}

/** Every request of the page. All reject with ApiError. */
export const api = {
  login: (key: string) => send('/api/login', { key }).then(accepted),
  logout: () => send('/api/logout').then(accepted),
  me: () => send('/api/me', undefined, 'GET').then(accepted).then(parsedBy(Me)),
  session: () => post(Session, '/api/session', { path: '/ws' }),
  progress: () => get(Progress, '/api/cluster'),
  machines: () => get(z.array(Machine), '/api/machines'),
  enrolment: () => get(Enrolment, '/api/enrolment'),
  provision: (machine: string) => post(Message, machinePath(machine, 'provision')),
  accept: (machine: string, request: z.input<typeof AcceptRequest>) =>
    post(Machine, machinePath(machine, 'accept'), request),
  reinstall: (machine: string, request: z.input<typeof AcceptRequest>) =>
    post(Machine, machinePath(machine, 'reinstall'), request),
  retire: (machine: string) => post(Machine, machinePath(machine, 'retire')),
  chooseBootBinary: (machine: string, binary: z.input<typeof BootBinaryRequest>['binary']) =>
    post(Machine, machinePath(machine, 'boot-binary'), { binary }),
  acceptWindow: () => get(AcceptWindow, '/api/accept-window'),
  setAcceptWindow: (request: z.input<typeof AcceptWindowRequest>) =>
    post(AcceptWindow, '/api/accept-window', request),
  bootLog: (machine: string, from: number) =>
    get(LogPiece, machinePath(machine, `boot-log?from=${from}`)),
  jobLog: (job: string, from: number) =>
    get(LogPiece, `/api/jobs/${encodeURIComponent(job)}/log?from=${from}`),
  experts: () => get(z.array(Expert), '/api/experts'),
  status: () => get(StatusText, '/api/status'),
  health: () => get(StatusText, '/health'),
  /** 503 carries the list as well: which surfaces cannot be reached. */
  webLinks: async () => {
    const response = await send('/api/web_uis', undefined, 'GET')
    if (response.status !== 503) await signedIn(response)
    return parsedBy(z.array(WebLink))(response)
  },
  saveState: (name: string) => post(Message, '/api/state/save', { save_name: name }),
  loadState: (name: string) => post(Message, '/api/state/load', { save_name: name }),
}

const machinePath = (name: string, rest: string): string =>
  `/api/machines/${encodeURIComponent(name)}/${rest}`

const get = <T>(schema: z.ZodType<T>, path: string): Promise<T> =>
  send(path, undefined, 'GET').then(signedIn).then(parsedBy(schema))

const post = <T>(schema: z.ZodType<T>, path: string, body?: unknown): Promise<T> =>
  send(path, body).then(signedIn).then(parsedBy(schema))

async function send(path: string, body?: unknown, method = 'POST'): Promise<Response> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE }
  try {
    return await fetch(path, { method, ...json, signal: AbortSignal.timeout(PATIENCE) })
  } catch {
    throw new ApiError(0, 'The agent does not answer. Trying again.')
  }
}
const JSON_TYPE = { 'content-type': 'application/json' }

async function signedIn(response: Response): Promise<Response> {
  if (response.status === 401) expired()
  return accepted(response)
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response
  const problem = Problem.safeParse(await response.json().catch(() => null)).data ?? {}
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  const issues = Issues.safeParse(problem.detail).data ?? []
  const field = issues[0]?.loc[1] ?? (problem.name === undefined ? undefined : 'name')
  throw new ApiError(response.status, problemText(problem, response.status), {
    ...(Number.isNaN(seconds) ? {} : { retryAfter: seconds }),
    ...(typeof field === 'string' ? { field } : {}),
  })
}

function problemText(problem: z.infer<typeof Problem>, status: number): string {
  if (problem.scope && typeof problem.detail === 'string')
    return `${problem.detail} (scope: ${problem.scope})`
  if (typeof problem.detail === 'string') return problem.detail
  if (problem.message) return problem.message
  const issues = Issues.safeParse(problem.detail).data
  if (issues?.length) return issues.map(issueText).join('\n')
  return problem.detail ? JSON.stringify(problem.detail) : `The agent answered ${status}.`
}

const issueText = ({ loc, msg }: z.infer<typeof Issues>[number]): string =>
  loc.length > 1 ? `${loc.slice(1).join(', ')}: ${msg}` : msg

const parsedBy =
  <T>(schema: z.ZodType<T>) =>
  async (response: Response): Promise<T> => {
    const parsed = schema.safeParse(await response.json().catch(() => null))
    if (parsed.success) return parsed.data
    throw new ApiError(response.status, 'The agent gave an answer this page does not understand.')
  }
