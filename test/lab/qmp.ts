import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { until } from './until.ts'

type Answer = { return?: unknown; error?: { desc: string }; event?: string; QMP?: unknown }

/** QEMU's machine protocol on a Unix socket: one command at a time. */
export class Qmp {
  readonly #socket: Socket
  readonly #answers: AsyncIterator<string>

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#answers = createInterface({ input: socket })[Symbol.asyncIterator]()
  }

  /** Connects as soon as QEMU listens. @throws Error when `alive` says that it ended before */
  static async connect(file: string, alive: () => void): Promise<Qmp> {
    const socket = await until('QEMU listens', async () => {
      alive()
      const attempt = createConnection(file)
      await once(attempt, 'connect')
      return attempt
    })
    const qmp = new Qmp(socket)
    await qmp.#next()
    await qmp.execute('qmp_capabilities')
    return qmp
  }

  /** @throws Error with QEMU's own words when it refuses */
  async execute(command: string, args?: Record<string, unknown>): Promise<unknown> {
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
    for (;;) {
      const answer = await this.#next()
      if (answer.error) throw new Error(`${command}: ${answer.error.desc}`)
      if ('return' in answer) return answer.return
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  async #next(): Promise<Answer> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('QEMU ended')
    return JSON.parse(value) as Answer
  }
}
