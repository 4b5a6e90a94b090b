import { type DhcpPacket, NO_ADDRESS, textOf } from '@muster/pxe/dhcp/packet.ts'

const ADDRESSES = [1, 3, 6, 28, 54]
const TEXTS = [12, 15, 60, 66, 67]
const SECONDS = [51, 58, 59]

/** The whole answer as one line: what is empty in it is left out, and nothing else. */
export function answerText(answer: DhcpPacket): string {
  const { type, yiaddr, siaddr, sname, file, options } = answer
  const fields = Object.entries({ yiaddr, siaddr, sname, file })
    .filter(([, value]) => value && value !== NO_ADDRESS)
    .map(([name, value]) => `${name}=${value}`)
  const rest = [...options]
    .sort(([a], [b]) => a - b)
    .map(([code, value]) => `${code}=${optionText(code, value)}`)
  return [type.toUpperCase(), ...fields, ...rest].join(' ')
}

function optionText(code: number, value: Uint8Array): string {
  if (ADDRESSES.includes(code)) return [...value].join('.')
  if (TEXTS.includes(code)) return textOf(value)
  if (SECONDS.includes(code)) return `${Buffer.from(value).readUInt32BE()}s`
  return Buffer.from(value).toString('hex')
}
