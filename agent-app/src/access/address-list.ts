import { networkInterfaces } from 'node:os'
import type { FastifyInstance } from 'fastify'

/** Where this server can be reached, and what a person added. */
export type AddressOptions = {
  host: string
  /** The port it listens on; a function, because port 0 is decided by listening. */
  port: () => number
  hosts?: readonly string[]
  origins?: readonly string[]
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::'])

/** Which Host and Origin headers are ours: exact matches only, against DNS rebinding and foreign pages. */
export class AddressList {
  readonly #options: AddressOptions

  constructor(options: AddressOptions) {
    this.#options = options
  }

  allowsHost(host: string | undefined): boolean {
    return host !== undefined && this.#hosts().has(host.toLowerCase())
  }

  allowsOrigin(origin: string): boolean {
    if (this.#options.origins?.includes(origin)) return true
    const match = /^https?:\/\/([^/]+)$/.exec(origin)
    return match !== null && this.#hosts().has(match[1]!.toLowerCase())
  }

  #hosts(): Set<string> {
    const { host, port, hosts = [] } = this.#options
    const names = ['localhost', '127.0.0.1', '::1', ...(ANY_ADDRESS.has(host) ? own() : [host])]
    const withPort = names.map((name) => `${bracketed(name)}:${port()}`)
    return new Set([...withPort, ...hosts.map((name) => name.toLowerCase())])
  }
}

const own = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))

const bracketed = (name: string): string => (name.includes(':') ? `[${name}]` : name)

/** The port a server listens on, 0 before it does. */
export function listeningPort(app: FastifyInstance): number {
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : 0
}
