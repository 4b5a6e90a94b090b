import { firmwareOf, type Refusal, refusals } from './firmware.ts'

/** What dnsmasq's log says about one machine's network boot. */
export type BootEvent =
  | { kind: 'asked'; mac: string; firmware: string }
  | { kind: 'refused'; mac: string; firmware: string; refusal: Refusal }
  | { kind: 'sent'; file: string; address: string }
  | { kind: 'not-sent'; text: string }

type Asking = { architecture?: number; ipxe?: boolean }

const DHCP_LINE = /dnsmasq-dhcp(?:\[\d+\])?: (\d+) (.*)$/
const ASKS = /^(?:PXE|DHCPDISCOVER)\(\S+\) (?:[\d.]+ )?([0-9a-f]{2}(?::[0-9a-f]{2}){5})\s*(.*)$/
const SENT = /dnsmasq-tftp(?:\[\d+\])?: sent (\S+) to ([\d.]+)/
const NOT_SENT =
  /dnsmasq-tftp(?:\[\d+\])?: (failed sending .*|file .* not found .*|cannot access .*)/

/** Reads dnsmasq's log line by line; several lines make one event. */
export class BootEvents {
  readonly #asking = new Map<string, Asking>()

  /** The event that this line completes, if any. */
  read(line: string): BootEvent | undefined {
    const [, transaction, text = ''] = DHCP_LINE.exec(line) ?? []
    if (transaction) return this.#dhcp(transaction, text)
    const [, path, address] = SENT.exec(line) ?? []
    if (path && address) return { kind: 'sent', file: path.split('/').at(-1)!, address }
    const [, failure] = NOT_SENT.exec(line) ?? []
    // iPXE looks for this one beside its binary; nobody needs it.
    if (failure && !failure.includes('autoexec.ipxe')) return { kind: 'not-sent', text: failure }
    return undefined
  }

  #dhcp(transaction: string, text: string): BootEvent | undefined {
    const architecture = /^vendor class: (?:PXE|HTTP)Client:Arch:(\d{5})/.exec(text)?.[1]
    if (architecture) this.#note(transaction, { architecture: Number(architecture) })
    if (text === 'user class: iPXE') this.#note(transaction, { ipxe: true })
    const [, mac, rest = ''] = ASKS.exec(text) ?? []
    const asking = this.#asking.get(transaction)
    if (!mac || asking?.architecture === undefined) return undefined
    this.#asking.delete(transaction)
    const { name, refusal } = firmwareOf(asking.architecture)
    const firmware = asking.ipxe ? `iPXE on ${name}` : name
    if (!rest.endsWith('ignored')) return { kind: 'asked', mac, firmware }
    // Only a Raspberry Pi is refused though its firmware is of a kind that is served.
    return { kind: 'refused', mac, firmware, refusal: refusal ?? 'raspberry-pi' }
  }

  #note(transaction: string, found: Asking): void {
    this.#asking.set(transaction, { ...this.#asking.get(transaction), ...found })
  }
}

/** One sentence for a person. */
export function sentenceOf(event: BootEvent): string {
  switch (event.kind) {
    case 'asked':
      return `${event.mac} asks for network boot (${event.firmware})`
    case 'refused':
      return `${event.mac} is refused: ${refusals[event.refusal]}`
    case 'sent':
      return `${event.address} got ${event.file}`
    case 'not-sent':
      return `TFTP: ${event.text}`
  }
}

/** The machines that were refused, by their MAC address, each with its last reason. */
export function refusedIn(log: string): Map<string, Refusal> {
  const events = new BootEvents()
  const refused = new Map<string, Refusal>()
  for (const line of log.split('\n')) {
    const event = events.read(line)
    if (event?.kind === 'refused') refused.set(event.mac, event.refusal)
    if (event?.kind === 'asked') refused.delete(event.mac)
  }
  return refused
}
