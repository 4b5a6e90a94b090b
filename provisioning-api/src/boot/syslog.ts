import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Logger } from 'pino'
import type { BootParts } from './boot-parts.ts'

const PRIORITY = /^<\d{1,3}>/

/**
 * Takes the remote log of the Debian installer (UDP). A line belongs to the machine whose grant was used
 * last from its address; lines of anybody else are dropped.
 */
export class SyslogListener {
  readonly #socket: Socket
  readonly #logger: Logger

  constructor({ grants, logs, now }: Pick<BootParts, 'grants' | 'logs' | 'now'>, logger: Logger) {
    this.#logger = logger
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (message, { address }) => {
      const machine = grants.machineAt(address)
      if (machine) logs.append(machine, message.toString('utf8').replace(PRIORITY, ''), now())
    })
  }

  /** A port that is taken costs the installer's log, not the server. */
  async listen(port: number, host: string): Promise<void> {
    this.#socket.bind(port, host)
    try {
      await once(this.#socket, 'listening')
    } catch (error) {
      this.#logger.warn(
        error,
        `The log of the Debian installer cannot be taken at UDP ${host}:${port}. Choose another port with MUSTER_SYSLOG_PORT.`,
      )
    }
    this.#socket.on('error', (error) => this.#logger.warn(error, 'syslog'))
  }

  /** Zero while it does not listen. */
  get port(): number {
    try {
      return this.#socket.address().port
    } catch {
      return 0
    }
  }

  close(): void {
    try {
      this.#socket.close()
    } catch {}
  }
}
