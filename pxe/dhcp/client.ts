import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type DhcpPacket, decodePacket, encodePacket, NO_ADDRESS } from './packet.ts'

const CLIENT_PORT = 68
/** More than a burst of answers: the default buffer holds about 250. */
const RECEIVE_BUFFER = 4 * 2 ** 20

/** Where questions go: all servers of the segment, or one server's proxy port. */
export type Target = 'segment' | { address: string; port: number }

/**
 * A DHCP client as the servers of a segment see it, on the interface that has `address`. Needs root.
 * It sends and hears; it changes nothing on this machine.
 */
export class DhcpClient {
  readonly #sender: Socket
  readonly #receiver: Socket

  private constructor(sender: Socket, receiver: Socket) {
    this.#sender = sender
    this.#receiver = receiver
  }

  /** @throws Error where the port of DHCP clients can't be had */
  static async open(address: string, onAnswer: (answer: DhcpPacket) => void): Promise<DhcpClient> {
    // A broadcast leaves by the interface whose address the socket has, but such a socket hears no broadcast.
    const sender = await bound(address)
    const receiver = await bound(NO_ADDRESS)
    sender.setBroadcast(true)
    receiver.setRecvBufferSize(RECEIVE_BUFFER)
    for (const socket of [sender, receiver])
      socket.on('message', (bytes) => {
        const packet = decodePacket(bytes)
        if (packet && ['offer', 'ack', 'nak'].includes(packet.type)) onAnswer(packet)
      })
    return new DhcpClient(sender, receiver)
  }

  /** Resolves once the kernel has it. */
  send(packet: DhcpPacket, target: Target = 'segment'): Promise<void> {
    const { address, port } =
      target === 'segment' ? { address: '255.255.255.255', port: 67 } : target
    return new Promise((resolve, reject) =>
      this.#sender.send(encodePacket(packet), port, address, (error) =>
        error ? reject(error) : resolve(),
      ),
    )
  }

  close(): void {
    this.#sender.close()
    this.#receiver.close()
  }
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.bind(CLIENT_PORT, address)
  await once(socket, 'listening')
  return socket
}
