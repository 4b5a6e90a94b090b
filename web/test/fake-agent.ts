import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { Expert } from '@muster/agent-app/contract/expert.ts'
import { Progress } from '@muster/agent-app/contract/progress.ts'
import { ClientMessage, ServerMessage } from '@muster/agent-app/contract/socket.ts'
import { Enrolment, LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { Me, Message, Session, StatusText, WebLink } from '../src/api.ts'
import { FakeInstaller, type GuardedRoute } from './fake-installer.ts'

const DIST = path.resolve(import.meta.dirname, '../dist')
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const CSP =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"

/** Plays agent-app for the page: its routes and messages, held to the contracts by their schemas. */
export class FakeAgent {
  readonly key = 'the-right-key'
  me: Me = { id: 'operator', scopes: ['read', 'chat', 'operate'] }
  machines: Machine[] = []
  experts: Expert[] = []
  enrolment: Enrolment = { open: false, until: null, machine: null }
  progress: Progress = { cluster: true, steps: [] }
  links: WebLink[] = []
  status = 'No active pipelines.'
  /** By job: everything written so far, and whether the job has ended. */
  logs = new Map<string, { text: string; done: boolean }>()
  /** Seconds a login is told to wait, or null. */
  lockedFor: number | null = null
  /** While true, no ticket is given. */
  socketsRefused = false
  /** What can be asked of machines before they are installed. */
  readonly installer = new FakeInstaller()
  readonly received: ClientMessage[] = []
  readonly provisioned: string[] = []
  readonly saved: string[] = []
  onProvision: (machine: string) => void = () => {}
  onMessage: (message: ClientMessage) => void = () => {}
  readonly #app: FastifyInstance = Fastify()
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #sessions = new Set<string>()
  readonly #tickets = new Set<string>()

  static async start(): Promise<FakeAgent> {
    const fake = new FakeAgent()
    fake.#servePage()
    fake.#serveSession()
    fake.#serveCluster()
    fake.installer.serve(fake.#guarded.bind(fake), () => fake.machines)
    fake.#serveTools()
    fake.#serveSockets()
    await fake.#app.listen({ host: '127.0.0.1', port: 0 })
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#app.server.address() as AddressInfo).port}`
  }

  get socketCount(): number {
    return this.#sockets.clients.size
  }

  /** Sends a message of the contract to every socket. */
  say(message: ServerMessage): void {
    const frame = JSON.stringify(ServerMessage.parse(message))
    for (const socket of this.#sockets.clients) socket.send(frame)
  }

  dropSockets(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
  }

  endSessions(): void {
    this.#sessions.clear()
  }

  async close(): Promise<void> {
    this.dropSockets()
    this.#app.server.closeAllConnections()
    await this.#app.close()
  }

  #servePage(): void {
    this.#app.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', CSP)
    })
    const send = async (reply: FastifyReply, file: string) =>
      reply.type(TYPES[path.extname(file)] ?? 'text/plain').send(await readFile(file))
    this.#app.get('/', (_request, reply) => send(reply, path.join(DIST, 'index.html')))
    this.#app.get<{ Params: { '*': string } }>('/static/*', (request, reply) =>
      send(reply, path.join(DIST, path.normalize(`/${request.params['*']}`))),
    )
  }

  #serveSession(): void {
    this.#app.post('/api/login', (request, reply) => {
      if (this.lockedFor !== null)
        return reply
          .code(429)
          .header('retry-after', this.lockedFor)
          .send({ detail: 'Too many attempts. Wait for the seconds in Retry-After.' })
      const { key } = z.object({ key: z.string() }).parse(request.body)
      if (key !== this.key) return reply.code(401).send({ detail: 'Invalid API Key' })
      const id = randomUUID()
      this.#sessions.add(id)
      return reply
        .header('set-cookie', `session=${id}; HttpOnly; SameSite=Strict; Path=/`)
        .code(204)
        .send()
    })
    this.#app.post('/api/logout', (request, reply) => {
      this.#sessions.delete(sessionOf(request))
      return reply.code(204).send()
    })
    this.#guarded('GET', '/api/me', () => Me.parse(this.me))
    this.#guarded('POST', '/api/session', (request, reply) => {
      z.object({ path: z.literal('/ws') }).parse(request.body)
      if (this.socketsRefused)
        return reply.code(503).send({ detail: 'Agent not fully initialized.' })
      const token = randomUUID()
      this.#tickets.add(token)
      return Session.parse({ wsUrl: `${this.url.replace('http', 'ws')}/ws`, token })
    })
  }

  #serveCluster(): void {
    this.#guarded('GET', '/api/cluster', () => Progress.parse(this.progress))
    this.#guarded('GET', '/api/experts', () => z.array(Expert).parse(this.experts))
    this.#guarded('GET', '/api/machines', () => z.array(Machine).parse(this.machines))
    this.#guarded('GET', '/api/enrolment', () => Enrolment.parse(this.enrolment))
    this.#guarded('POST', '/api/machines/:name/provision', (request, reply) => {
      const { name } = z.object({ name: z.string() }).parse(request.params)
      this.provisioned.push(name)
      this.onProvision(name)
      return reply
        .code(202)
        .send({ message: `Provisioning for ${name} accepted.`, job_id: 'again' })
    })
    this.#guarded('GET', '/api/jobs/:id/log', (request, reply) => {
      const { id } = z.object({ id: z.string() }).parse(request.params)
      const { from } = z.object({ from: z.coerce.number() }).parse(request.query)
      const log = this.logs.get(id)
      if (!log) return reply.code(404).send({ detail: 'No such job. GET /api/jobs lists them.' })
      const bytes = Buffer.from(log.text)
      const text = bytes.subarray(from).toString()
      return LogPiece.parse({ text, next: bytes.length, done: log.done })
    })
  }

  #serveTools(): void {
    this.#app.get('/health', () => StatusText.parse({ status: 'ok' }))
    this.#guarded('GET', '/api/status', () => StatusText.parse({ status: this.status }))
    this.#guarded('GET', '/api/web_uis', () => z.array(WebLink).parse(this.links))
    for (const action of ['save', 'load'])
      this.#guarded('POST', `/api/state/${action}`, (request, reply) => {
        const { save_name } = z.object({ save_name: z.string().min(1) }).parse(request.body)
        if (action === 'save') this.saved.push(save_name)
        else if (!this.saved.includes(save_name))
          return reply.code(404).send({ message: `Error: Save state '${save_name}' not found.` })
        return Message.parse({ message: `Successfully ${action} of '${save_name}'` })
      })
  }

  #guarded(...[method, url, handler]: GuardedRoute): void {
    this.#app.route({
      method,
      url,
      handler: async (request, reply) =>
        this.#sessions.has(sessionOf(request))
          ? handler(request, reply)
          : reply.code(401).send({ detail: 'Missing API Key' }),
    })
  }

  #serveSockets(): void {
    this.#app.server.on('upgrade', (request, stream, head) => {
      const url = new URL(request.url ?? '/', this.url)
      const known = this.#tickets.delete(url.searchParams.get('token') ?? '')
      if (url.pathname !== '/ws' || !known || request.headers.origin !== this.url) {
        stream.end('HTTP/1.1 403 Forbidden\r\n\r\n')
        return
      }
      this.#sockets.handleUpgrade(request, stream, head, (socket) => this.#listen(socket))
    })
  }

  #listen(socket: WebSocket): void {
    socket.on('message', (data) => {
      const message = ClientMessage.parse(JSON.parse(String(data)))
      this.received.push(message)
      this.onMessage(message)
    })
  }
}

const sessionOf = (request: FastifyRequest): string =>
  /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
