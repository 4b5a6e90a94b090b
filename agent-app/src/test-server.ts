import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { digestOf, parseKeys } from '@muster/base/api-keys.ts'
import { Guard } from '@muster/base/guard.ts'
import { loggerOptions } from '@muster/base/logger.ts'
import Consul from 'consul'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import { AddressList, listeningPort } from './access/address-list.ts'
import { Sessions } from './access/sessions.ts'
import { Tickets } from './access/tickets.ts'
import { buildApp } from './app.ts'
import { Conversations } from './conversation/conversations.ts'
import { HistoryStore } from './conversation/history-store.ts'
import { askExperts } from './experts/ask.ts'
import { EmbeddedExpert } from './experts/embedded-expert.ts'
import { Experts } from './experts/experts.ts'
import { FakeDirectory } from './experts/fake-directory.ts'
import { LlamaClient } from './experts/llama-client.ts'
import { ProvisioningClient } from './http/provisioning-client.ts'
import { Snapshots } from './state/snapshots.ts'
import { LogFeed } from './ws/log-feed.ts'

const MODEL = path.resolve(import.meta.dirname, '../../models/tool-caller.gguf')
export const KEY = 'all-scopes'
export const READ_KEY = 'only-read'
export const CHAT_KEY = 'only-chat'
const KEYS = [digestOf(KEY), `${digestOf(READ_KEY)}:r:read`, `${digestOf(CHAT_KEY)}:c:chat`]

export type TestServer = {
  app: FastifyInstance
  url: string
  state: string
  directory: FakeDirectory
  conversations: Conversations
  embedded: EmbeddedExpert
  logFeed: LogFeed
  /** A request with the key that may do everything. */
  fetch: (route: string, init?: RequestInit & { key?: string | null }) => Promise<Response>
  post: (route: string, body: unknown, headers?: Record<string, string>) => Promise<Response>
  close: () => Promise<void>
}

type Options = { embedded?: boolean; state?: string; provisioningUrl?: string; consulPort?: number }

/** The real app on a free port of loopback, with its own state folder; only the directory is a fake. */
export async function openTestServer(options: Options = {}): Promise<TestServer> {
  const state = options.state ?? (await mkdtemp(path.join(tmpdir(), 'muster-agent-')))
  const logFeed = new LogFeed()
  const log = pino(loggerOptions('agent-app', 'info'), logFeed.destination)
  const directory = new FakeDirectory()
  const embedded = new EmbeddedExpert(MODEL, log)
  if (options.embedded) await embedded.load()
  const llama = new LlamaClient({ connectMs: 1_000, firstByteMs: 5_000, stallMs: 5_000 })
  const experts = new Experts({ directory, llama, embedded, log })
  const conversations = new Conversations({
    store: new HistoryStore(path.join(state, 'agent/conversations'), log),
    ask: askExperts(experts),
    historyCharacters: 6_000,
  })
  const provisioning = new ProvisioningClient({
    url: options.provisioningUrl ?? 'http://127.0.0.1:1',
    key: 'provisioning-key',
  })
  const consulPort = options.consulPort ?? 1
  const app: FastifyInstance = await buildApp({
    log,
    logFeed,
    guard: new Guard(parseKeys(KEYS.join(','))),
    sessions: new Sessions(),
    tickets: new Tickets(),
    addresses: new AddressList({ host: '127.0.0.1', port: () => listeningPort(app) }),
    experts,
    conversations,
    snapshots: new Snapshots(path.join(state, 'agent/snapshots')),
    directory: { client: () => new Consul({ host: '127.0.0.1', port: consulPort }) },
    consulUrl: `http://127.0.0.1:${consulPort}`,
    progressFile: path.join(state, 'progress.json'),
    provisioning,
    pageFolder: path.join(state, 'dist'),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${listeningPort(app)}`
  const request: TestServer['fetch'] = (route, { key = KEY, headers, ...init } = {}) =>
    fetch(`${url}${route}`, {
      ...init,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    })
  return {
    app,
    url,
    state,
    directory,
    conversations,
    embedded,
    logFeed,
    fetch: request,
    post: (route, body, headers) =>
      request(route, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    close: async () => {
      await app.close()
      conversations.close()
      await Promise.all([llama.close(), provisioning.close(), embedded.close()])
      if (!options.state) await rm(state, { recursive: true, force: true })
    },
  }
}

/** A `/ws` client that keeps what it hears. */
export class TestSocket {
  readonly heard: { type: string; data: unknown; expert?: string | null }[] = []
  readonly socket: WebSocket
  #waiting: (() => void)[] = []

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      this.heard.push(JSON.parse(String(data)))
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  static async open(server: TestServer, route = '/ws', key = KEY): Promise<TestSocket> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${route}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const opened = new TestSocket(socket)
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return opened
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The first message of a type, waited for. */
  async next(
    type: string,
    from = 0,
  ): Promise<{ type: string; data: unknown; expert?: string | null }> {
    for (;;) {
      const found = this.heard.slice(from).find((message) => message.type === type)
      if (found) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  of(type: string): unknown[] {
    return this.heard.filter((message) => message.type === type).map(({ data }) => data)
  }
}

/** The status with which an upgrade is refused, 101 when it is not. */
export function upgradeStatus(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers })
    socket.once('open', () => {
      socket.close()
      resolve(101)
    })
    socket.once('unexpected-response', (_, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.once('error', (error) => reject(error))
  })
}
