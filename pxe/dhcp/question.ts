import { type DhcpPacket, NO_ADDRESS } from './packet.ts'

/** What a DHCP client says about itself; what is absent is not sent. */
export type ClientKind = {
  /** Option 60, such as `PXEClient:Arch:00007:UNDI:003016`. */
  vendorClass?: string
  /** Option 93: the kind of firmware, IANA's number. */
  architecture?: number
  /** Option 97 without its type byte, 32 hex digits. */
  uuid?: string
  /** Option 55: what it asks for. */
  asks?: readonly number[]
  /** Option 77. */
  userClass?: string
  /** Option 43: what it chose from the boot menu. */
  vendorOptions?: string
  /** Option 175 as hex: only iPXE sends it. */
  ipxe?: string
}

type Question = {
  mac: string
  transaction: number
  /** The address that the client has already. */
  address?: string
  type?: 'discover' | 'request'
}

/** The packet in which such a client asks; it wants a broadcast answer while it has no address. */
export function question(
  kind: ClientKind,
  { mac, transaction, address, type }: Question,
): DhcpPacket {
  return {
    type: type ?? 'discover',
    transaction,
    mac,
    broadcast: !address,
    ciaddr: address ?? NO_ADDRESS,
    yiaddr: NO_ADDRESS,
    siaddr: NO_ADDRESS,
    sname: '',
    file: '',
    options: optionsOf(kind),
  }
}

const UNDI = Buffer.of(1, 3, 16)

function optionsOf(kind: ClientKind): Map<number, Uint8Array> {
  const { vendorClass, architecture, uuid, asks, userClass, vendorOptions, ipxe } = kind
  const options = new Map<number, Uint8Array>()
  const text = (code: number, value?: string) => {
    if (value !== undefined) options.set(code, Buffer.from(value, 'latin1'))
  }
  const hex = (code: number, value?: string) => {
    if (value !== undefined) options.set(code, Buffer.from(value, 'hex'))
  }
  hex(43, vendorOptions)
  if (asks?.length) options.set(55, Uint8Array.from(asks))
  text(60, vendorClass)
  text(77, userClass)
  if (architecture !== undefined) {
    options.set(93, Buffer.of(architecture >> 8, architecture & 0xff))
    options.set(94, UNDI)
  }
  hex(97, uuid && `00${uuid}`)
  hex(175, ipxe)
  return options
}
