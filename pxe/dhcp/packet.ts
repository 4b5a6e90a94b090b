/** Message types (option 53) that Muster sends or hears. */
const TYPES = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6 } as const
export type MessageType = keyof typeof TYPES

/** One DHCP packet (RFC 2131). Addresses are dotted, `0.0.0.0` where there is none. */
export type DhcpPacket = {
  type: MessageType
  /** 32 bits that pair an answer with its question. */
  transaction: number
  /** `aa:bb:cc:dd:ee:ff` */
  mac: string
  /** Asks the server to broadcast its answer. */
  broadcast: boolean
  ciaddr: string
  yiaddr: string
  siaddr: string
  /** Server name and boot file of the header; empty where they are in options 66 and 67. */
  sname: string
  file: string
  /** The other options by code, without 53. */
  options: ReadonlyMap<number, Uint8Array>
}

export const NO_ADDRESS = '0.0.0.0'

const HEADER_BYTES = 236
const COOKIE = 0x63825363
/** Relays and old servers drop shorter ones. */
const SHORTEST_BYTES = 300
const OPTION = { pad: 0, overload: 52, type: 53, end: 255 } as const

/** The packet as it goes over UDP. */
export function encodePacket(packet: DhcpPacket): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + 4)
  header[0] = isAnswer(packet.type) ? 2 : 1
  header[1] = 1
  header[2] = 6
  header.writeUInt32BE(packet.transaction, 4)
  header.writeUInt16BE(packet.broadcast ? 0x8000 : 0, 10)
  for (const [offset, address] of [
    [12, packet.ciaddr],
    [16, packet.yiaddr],
    [20, packet.siaddr],
  ] as const)
    header.set(address.split('.').map(Number), offset)
  header.set(Buffer.from(packet.mac.replaceAll(':', ''), 'hex'), 28)
  header.write(packet.sname, 44, 63, 'latin1')
  header.write(packet.file, 108, 127, 'latin1')
  header.writeUInt32BE(COOKIE, HEADER_BYTES)
  const options = [[OPTION.type, Buffer.of(TYPES[packet.type])] as const, ...packet.options]
  const body = options.flatMap(([code, value]) => [Buffer.of(code, value.length), value])
  const bytes = Buffer.concat([header, ...body, Buffer.of(OPTION.end)])
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, SHORTEST_BYTES - bytes.length))])
}

const isAnswer = (type: MessageType): boolean => TYPES[type] === 2 || TYPES[type] > 4

/** Reads a packet from UDP; undefined where it is none, or of a type that Muster does not know. */
export function decodePacket(bytes: Buffer): DhcpPacket | undefined {
  if (bytes.length < HEADER_BYTES + 4 || bytes.readUInt32BE(HEADER_BYTES) !== COOKIE) return
  const options = readOptions(bytes.subarray(HEADER_BYTES + 4), new Map())
  const overload = options.get(OPTION.overload)?.[0] ?? 0
  const type = Object.entries(TYPES).find(([, code]) => code === options.get(OPTION.type)?.[0])
  if (!type) return
  if (overload & 1) readOptions(bytes.subarray(108, 236), options)
  if (overload & 2) readOptions(bytes.subarray(44, 108), options)
  options.delete(OPTION.type)
  return {
    type: type[0] as MessageType,
    transaction: bytes.readUInt32BE(4),
    mac: bytes.subarray(28, 34).toString('hex').match(/../g)!.join(':'),
    broadcast: (bytes.readUInt16BE(10) & 0x8000) !== 0,
    ciaddr: addressAt(bytes, 12),
    yiaddr: addressAt(bytes, 16),
    siaddr: addressAt(bytes, 20),
    sname: overload & 2 ? '' : textOf(bytes.subarray(44, 108)),
    file: overload & 1 ? '' : textOf(bytes.subarray(108, 236)),
    options,
  }
}

/** Adds the options of one field; an option that comes twice goes on (RFC 3396). */
function readOptions(field: Buffer, into: Map<number, Uint8Array>): Map<number, Uint8Array> {
  let at = 0
  while (at < field.length && field[at] !== OPTION.end) {
    const code = field[at++]!
    if (code === OPTION.pad) continue
    const length = field[at++] ?? 0
    into.set(code, Buffer.concat([into.get(code) ?? Buffer.of(), field.subarray(at, at + length)]))
    at += length
  }
  return into
}

const addressAt = (bytes: Buffer, offset: number): string =>
  [...bytes.subarray(offset, offset + 4)].join('.')

/** Text up to its NUL. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('latin1').split('\0')[0]!
