import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DhcpClient } from './client.ts'
import { type DhcpPacket, NO_ADDRESS, textOf } from './packet.ts'
import { type ClientKind, question } from './question.ts'

/** A server that answered firmware which asked for an address and a boot file. */
export type HeardServer = {
  /** Its server identifier. */
  address: string
  /** It gives addresses. */
  gives: boolean
  /** It gives boot information: a file, a menu, or that it answers on its proxy port. */
  boots: boolean
}

const KINDS: ClientKind[] = [0, 7].map((architecture) => ({
  vendorClass: `PXEClient:Arch:${String(architecture).padStart(5, '0')}:UNDI:003016`,
  architecture,
  uuid: randomBytes(16).toString('hex'),
  asks: [1, 3, 43, 54, 60, 66, 67],
}))

/** A server that first pings the address it is about to offer takes 3 s. */
const LISTEN_MS = 4_000

/**
 * Asks the segment of an interface as BIOS and UEFI firmware would, and listens who answers; no address is taken.
 * Our own dnsmasq answers, too. Needs root.
 * @param address ours on that interface
 */
export async function probeSegment(
  address: string,
  { listenMs = LISTEN_MS, signal }: { listenMs?: number; signal?: AbortSignal } = {},
): Promise<HeardServer[]> {
  const transactions = KINDS.map(() => randomInt(2 ** 32))
  const answers: DhcpPacket[] = []
  const client = await DhcpClient.open(address, (answer) => {
    if (transactions.includes(answer.transaction)) answers.push(answer)
  })
  try {
    // A locally administered address that no card has.
    const mac = ['02', ...randomBytes(5).toString('hex').match(/../g)!].join(':')
    for (const [index, kind] of KINDS.entries())
      await client.send(question(kind, { mac, transaction: transactions[index]! }))
    await sleep(listenMs, undefined, signal ? { signal } : {})
  } finally {
    client.close()
  }
  return serversIn(answers)
}

/** One row for each server, with what it gave in any of its answers. */
export function serversIn(answers: readonly DhcpPacket[]): HeardServer[] {
  const servers = new Map<string, HeardServer>()
  for (const answer of answers) {
    const identifier = answer.options.get(54)
    const address = identifier?.length === 4 ? [...identifier].join('.') : answer.siaddr
    const known = servers.get(address) ?? { address, gives: false, boots: false }
    servers.set(address, {
      address,
      gives: known.gives || answer.yiaddr !== NO_ADDRESS,
      boots: known.boots || offersBoot(answer),
    })
  }
  return [...servers.values()].sort((a, b) => a.address.localeCompare(b.address))
}

const offersBoot = ({ file, options }: DhcpPacket): boolean =>
  file !== '' || options.has(67) || /^(PXE|HTTP)Client/.test(textOf(options.get(60) ?? Buffer.of()))
