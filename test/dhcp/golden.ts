import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DhcpPacket } from '@muster/pxe/dhcp/packet.ts'
import type { ClientKind } from '@muster/pxe/dhcp/question.ts'
import { answerText } from './answer-text.ts'
import { type KindName, kinds } from './kinds.ts'
import { type Asker, PROXY_PORT } from './segment.ts'

/** The whole expected answers: a kind of client, then a line for each way of asking. */
const GOLDEN = path.join(import.meta.dirname, 'answers.txt')
const CHOSEN: Partial<Record<KindName, string>> = {
  'BIOS, undionly.kkpxe chosen for it': 'bin-undionly-kkpxe',
  'BIOS, ipxe.pxe chosen for it': 'bin-ipxe-pxe',
  'UEFI x64, ipxe.efi chosen for it': 'bin-ipxe-efi',
}

/** The expected lines by kind of client. */
export async function readGolden(): Promise<Map<string, string[]>> {
  const blocks = (await readFile(GOLDEN, 'utf8')).trim().split('\n\n')
  return new Map(
    blocks.map((block) => {
      const [name = '', ...lines] = block.split('\n').map((line) => line.trim())
      return [name, lines]
    }),
  )
}

/** Each kind's own machine. */
export function macOf(name: KindName): string {
  const vendor = name.startsWith('Raspberry Pi') ? 'b8:27:eb:00:00' : '52:54:00:00:00'
  return `${vendor}:${Object.keys(kinds).indexOf(name).toString(16).padStart(2, '0')}`
}

/**
 * Chooses another binary for the machines that have one chosen, while dnsmasq runs, as the provisioning API does.
 * @param folder `dhcp-hosts`
 * @param isRead resolves once dnsmasq has read the file
 */
export async function chooseBinaries(
  folder: string,
  isRead: (file: string) => Promise<unknown>,
): Promise<void> {
  for (const [name, tag] of Object.entries(CHOSEN)) {
    const mac = macOf(name as KindName)
    const file = path.join(folder, mac.replaceAll(':', '-'))
    await writeFile(file, `${mac},set:${tag}\n`)
    await isRead(file)
  }
}

type Asked = { mode: 'proxy' | 'full'; kind: ClientKind; mac: string }

/** What a client of this kind is answered, as the lines of the golden file. */
export async function answersTo(asker: Asker, { mode, kind, mac }: Asked): Promise<string[]> {
  const offers = await asker.ask(kind, mac)
  const first = `${mode} 67: ${textOf(offers)}`
  if (mode === 'full') return [first]
  const choice = { ...kind, ...chosenItem(offers[0]) }
  return [first, `${mode} 4011: ${textOf(await asker.ask(choice, mac, PROXY_PORT))}`]
}

function textOf(answers: readonly DhcpPacket[]): string {
  assert.ok(answers.length <= 1, 'more than one answer')
  const [answer] = answers
  if (!answer) return 'silence'
  return answerText(answer).replace(/yiaddr=10\.77\.0\.(1\d\d|200)\b/, 'yiaddr=RANGE')
}

/** What BIOS firmware asks next: the one item (sub-option 8) of the menu it was offered. */
function chosenItem(offer: DhcpPacket | undefined): Pick<ClientKind, 'vendorOptions'> {
  const menu = Buffer.from(offer?.options.get(43) ?? []).toString('hex')
  const [, item] = /^0601030a0400505845(?:08..)(....)/.exec(menu) ?? []
  return item ? { vendorOptions: `4704${item}0000` } : {}
}
