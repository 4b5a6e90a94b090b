import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { DhcpClient } from '@muster/pxe/dhcp/client.ts'
import { dnsmasqConfig } from '@muster/pxe/dhcp/config.ts'
import { question } from '@muster/pxe/dhcp/question.ts'
import { planOn, startDnsmasq } from '@muster/test/dhcp/dnsmasq.ts'
import { kinds } from '@muster/test/dhcp/kinds.ts'
import { CLIENT_ADDRESS, dropIdlePort, SERVER_ADDRESS } from '@muster/test/dhcp/segment.ts'
import { addHost, type Host } from '@muster/test/lab/host.ts'
import { execa } from 'execa'
import type { Benchmark, Measured } from './figure.ts'

const MACHINES = 1000
const RUNS = 3
/** No answer for this long: no more will come. */
const QUIET_MS = 1_500
/** As the role pxe_server sets it. */
const BUFFER = 4_194_304

type Mode = 'proxy' | 'full'
/** Milliseconds: from the first question to the last, and from each question to its OFFER. */
type Storm = { sent: number; offers: number[] }

/** A shelf of 1,000 machines powered on at once: a DISCOVER of each, as fast as they can be sent, to the real dnsmasq. */
export const bootStorm: Benchmark = async (say) => {
  await dropIdlePort()
  const host = await addHost(`bs${process.pid}`, SERVER_ADDRESS, 16)
  const usual = await receiveBuffer()
  try {
    const figures: Measured[] = []
    for (const mode of ['proxy', 'full'] as const) {
      const storms = await stormsOn(host, { mode, buffer: BUFFER, runs: RUNS }, say)
      const [bare] = await stormsOn(host, { mode, buffer: usual, runs: 1 }, say)
      figures.push(...figuresOf(mode, storms), {
        name: `${mode}: answered of ${MACHINES} with the kernel's default buffer (${usual} bytes)`,
        value: bare!.offers.length,
        unit: '',
      })
    }
    return figures
  } finally {
    await setReceiveBuffer(usual).finally(host.remove)
  }
}

type Plan = { mode: Mode; buffer: number; runs: number }

async function stormsOn(
  host: Host,
  { mode, buffer, runs }: Plan,
  say: (line: string) => void,
): Promise<Storm[]> {
  const storms: Storm[] = []
  for (let run = 1; run <= runs; run++) {
    const storm = await stormOn(host, mode, buffer)
    storms.push(storm)
    say(
      `${mode}, buffer ${buffer}, run ${run}: ${storm.offers.length} of ${MACHINES} asked within ` +
        `${storm.sent.toFixed(0)} ms are answered, the last after ${Math.max(...storm.offers).toFixed(0)} ms`,
    )
  }
  return storms
}

async function stormOn(host: Host, mode: Mode, buffer: number): Promise<Storm> {
  await setReceiveBuffer(buffer)
  const range = ['10.77.1.0', '10.77.15.250'] as const
  const text = async (folder: string) => dnsmasqConfig({ ...planOn(host, mode, folder), range })
  const dnsmasq = await startDnsmasq(host, text)
  try {
    return await storm()
  } finally {
    await dnsmasq.stop()
  }
}

async function storm(): Promise<Storm> {
  const asked = new Map<number, number>()
  const offers = new Map<number, number>()
  const client = await DhcpClient.open(CLIENT_ADDRESS, ({ transaction }) => {
    if (!offers.has(transaction))
      offers.set(transaction, performance.now() - asked.get(transaction)!)
  })
  try {
    const began = performance.now()
    const sending = Array.from({ length: MACHINES }, (_, index) => {
      asked.set(index, performance.now())
      return client.send(question(kinds['BIOS (0)'], { mac: macOf(index), transaction: index }))
    })
    await Promise.all(sending)
    const sent = performance.now() - began
    for (let known = -1; known < offers.size && offers.size < MACHINES; ) {
      known = offers.size
      await sleep(QUIET_MS)
    }
    return { sent, offers: [...offers.values()] }
  } finally {
    client.close()
  }
}

const macOf = (index: number): string =>
  `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`

function figuresOf(mode: Mode, storms: readonly Storm[]): Measured[] {
  const all = storms.flatMap(({ offers }) => offers).sort((a, b) => a - b)
  const at = (part: number) => all[Math.ceil(part * all.length) - 1] ?? Number.NaN
  const worst = (what: string) => `${mode}: ${what}, worst of ${storms.length} storms`
  return [
    {
      name: worst(`answered of ${MACHINES} DISCOVERs within a second`),
      value: Math.min(...storms.map(({ offers }) => offers.length)),
      unit: '',
      goal: `>= ${MACHINES}`,
    },
    { name: worst('slowest OFFER'), value: at(1), unit: 'ms', goal: '<= 500' },
    { name: `${mode}: OFFER, p99`, value: at(0.99), unit: 'ms' },
    { name: `${mode}: OFFER, median`, value: at(0.5), unit: 'ms' },
    {
      name: worst('time in which all were sent'),
      value: Math.max(...storms.map(({ sent }) => sent)),
      unit: 'ms',
      goal: '<= 1000',
    },
  ]
}

const SETTING = 'net.core.rmem_default'

const receiveBuffer = async (): Promise<number> =>
  Number(await readFile(`/proc/sys/${SETTING.replaceAll('.', '/')}`, 'utf8'))

/** The kernel has one value for all networks, and takes it only outside of ours, where our parent is. */
const setReceiveBuffer = (bytes: number): Promise<unknown> =>
  execa('nsenter', [`--net=/proc/${process.ppid}/ns/net`, 'sysctl', '-qw', `${SETTING}=${bytes}`])
