import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DhcpPlan, DNSMASQ_IN_FOREGROUND, dnsmasqConfig } from '@muster/pxe/dhcp/config.ts'
import type { Host } from '../lab/host.ts'
import { GivenUp, until } from '../lab/until.ts'

/** The real dnsmasq on a host of the test. */
export type Dnsmasq = {
  /** `<state>/boot` */
  folder: string
  /** What it logged so far. */
  log: () => Promise<string>
  stop: () => Promise<void>
}

export const planOn = (
  { address }: Pick<Host, 'address'>,
  mode: DhcpPlan['mode'],
  folder: string,
): DhcpPlan => ({
  mode,
  interface: 'eth0',
  address,
  url: `http://${address}:8001`,
  folder,
  user: 'root',
  range: ['10.77.0.100', '10.77.0.200'],
})

/** Makes what dnsmasq needs and starts it with our configuration for the mode, or with another one. */
export async function startDnsmasq(
  host: Host,
  config: DhcpPlan['mode'] | ((folder: string) => string | Promise<string>),
): Promise<Dnsmasq> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-dhcp-'))
  for (const part of ['tftp', 'dhcp-hosts']) await mkdir(path.join(folder, part))
  const text =
    typeof config === 'string'
      ? await dnsmasqConfig(planOn(host, config, folder))
      : await config(folder)
  return runDnsmasq(host, { folder, text })
}

/** Starts it with this text as its configuration; its folder goes when it stops. Resolves once it listens. */
export async function runDnsmasq(
  host: Host,
  { folder, text }: { folder: string; text: string },
): Promise<Dnsmasq> {
  const file = path.join(folder, 'dnsmasq.conf')
  await writeFile(file, text)
  const [enter = '', ...into] = host.enter
  const logFile = path.join(folder, 'log')
  const sink = openSync(logFile, 'a')
  const child = spawn(enter, [...into, 'dnsmasq', ...DNSMASQ_IN_FOREGROUND, '-C', file], {
    stdio: ['ignore', sink, sink],
  })
  const log = () => readFile(logFile, 'utf8')
  const stop = async () => {
    await end(child)
    closeSync(sink)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await until('dnsmasq listens', () => listens(child, log), 10)
  } catch (error) {
    await stop()
    throw error
  }
  return { folder, log, stop }
}

async function listens(child: ChildProcess, log: () => Promise<string>): Promise<boolean> {
  const text = await log()
  if (child.exitCode !== null) throw new GivenUp(text)
  return text.includes('sockets bound')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
