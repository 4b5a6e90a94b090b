import { isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'

const HOST = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/

/** How the machine that asks reaches this server: what it just used, or the address it arrived at. */
export function baseUrl({ headers, socket }: FastifyRequest): string {
  const host = (headers.host ?? '').toLowerCase()
  if (HOST.test(host)) return `http://${host}`
  const address = plainAddress(socket.localAddress ?? '127.0.0.1')
  return `http://${isIPv6(address) ? `[${address}]` : address}:${socket.localPort}`
}

/** An IPv4 address in its own form where the socket speaks both. */
const plainAddress = (address: string): string => address.replace(/^::ffff:/, '')

/** Where a request comes from. */
export const sourceAddress = ({ ip }: FastifyRequest): string => plainAddress(ip)
