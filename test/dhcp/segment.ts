import { DhcpClient, type Target } from '@muster/pxe/dhcp/client.ts'
import type { DhcpPacket } from '@muster/pxe/dhcp/packet.ts'
import { type ClientKind, question } from '@muster/pxe/dhcp/question.ts'
import { execa } from 'execa'
import { until } from '../lab/until.ts'
import { kinds } from './kinds.ts'

/** Where the clients of a test are: this process, inside its own network. */
export const CLIENT_ADDRESS = '10.77.0.1'
export const SERVER_ADDRESS = '10.77.0.2'
export const PROXY_PORT: Target = { address: SERVER_ADDRESS, port: 4011 }

/** Its machine differs from all that are asked about. */
const CONTROL_MAC = '52:54:00:ff:ff:ff'

/** The bridge's port without a host would bring every broadcast a second time. */
export const dropIdlePort = (): Promise<unknown> => execa('ip', ['link', 'del', 'port0'])

/** Asks the servers of the segment, and knows for certain when there is no answer. */
export class Asker {
  readonly #client: DhcpClient
  readonly #answers: DhcpPacket[]
  #transaction = 0

  private constructor(client: DhcpClient, answers: DhcpPacket[]) {
    this.#client = client
    this.#answers = answers
  }

  static async open(): Promise<Asker> {
    const answers: DhcpPacket[] = []
    return new Asker(
      await DhcpClient.open(CLIENT_ADDRESS, (answer) => answers.push(answer)),
      answers,
    )
  }

  /**
   * All answers to one question. A server answers in order: once it has answered a second question
   * that it knows, whatever it had to say to the first is here.
   */
  async ask(kind: ClientKind, mac: string, target: Target = 'segment'): Promise<DhcpPacket[]> {
    const asked = await this.#send(kind, mac, target)
    const control = await this.#send(kinds['UEFI x64 (7)'], CONTROL_MAC, target)
    await until('the answer to the second question', async () => this.#to(control).length > 0, 10)
    return this.#to(asked)
  }

  close(): void {
    this.#client.close()
  }

  async #send(kind: ClientKind, mac: string, target: Target): Promise<number> {
    const transaction = ++this.#transaction
    // Whoever asks the proxy's port has its address already.
    const later = { type: 'request', address: CLIENT_ADDRESS } as const
    const details = { mac, transaction, ...(target === 'segment' ? {} : later) }
    await this.#client.send(question(kind, details), target)
    return transaction
  }

  #to(transaction: number): DhcpPacket[] {
    return this.#answers.filter((answer) => answer.transaction === transaction)
  }
}
