import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { replaceFile } from './atomic-file.ts'
import { stateFiles } from './state.ts'

type Listen = {
  name: string
  host: string
  port: number
  state: string
  /** The variables that choose them, for the message of a failed start. */
  variables: { host: string; port: string }
}

/** Listens, writes `<state>/run/<name>.pid`, and closes with grace on SIGINT and SIGTERM. Exits 1 with a sentence when it can't. */
export async function runServer(
  app: FastifyInstance,
  { name, host, port, state, variables }: Listen,
): Promise<void> {
  const pidFile = stateFiles(state).pid(name)
  try {
    await app.listen({ host, port })
  } catch (error) {
    app.log.fatal(listenHint(error as NodeJS.ErrnoException, { host, port, variables }))
    process.exit(1)
  }
  await mkdir(path.dirname(pidFile), { recursive: true, mode: 0o700 })
  await replaceFile(pidFile, `${process.pid}\n`)
  let closing = false
  const close = async () => {
    if (closing) return
    closing = true
    // A client that keeps its connection after its last answer must not hold the process.
    const idle = setInterval(() => app.server.closeIdleConnections(), 100)
    await app.close()
    clearInterval(idle)
    await rm(pidFile, { force: true })
    process.exit(0)
  }
  // The listeners stay: with none left, a library's own exit handler would end the process at once.
  process.on('SIGINT', close)
  process.on('SIGTERM', close)
}

function listenHint(
  error: NodeJS.ErrnoException,
  { host, port, variables }: Pick<Listen, 'host' | 'port' | 'variables'>,
): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken. Stop the program that uses it (ss -ltnp 'sport = :${port}'), or choose another port with ${variables.port}.`
  if (error.code === 'EADDRNOTAVAIL')
    return `${host} is not an address of this machine. Set ${variables.host}.`
  return `Cannot listen on ${host}:${port}: ${error.message}`
}
