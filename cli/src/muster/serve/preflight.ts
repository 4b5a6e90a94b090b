import { bootFiles } from '@muster/base/state.ts'
import { probeSegment } from '@muster/pxe/dhcp/probe.ts'
import type { BootSettings } from '@muster/pxe/dhcp/settings.ts'
import { readManifest } from '@muster/pxe/manifest.ts'
import { execa } from 'execa'
import { judgeServers } from '../doctor/dhcp-servers.ts'
import { judgePorts, listeners } from '../doctor/ports.ts'

type Preflight = {
  state: string
  settings: BootSettings
  /** The provisioning API as machines reach it. */
  url: string
  say: (line: string) => void
  signal: AbortSignal
}

/** Everything that must be right before machines are answered. @throws Error with the first thing that is not */
export async function preflight(plan: Preflight): Promise<void> {
  await requireParts(plan.state)
  await requireFreePorts(plan.settings)
  await requireApi(plan.url, plan.settings.address)
  await listenToOthers(plan)
}

async function requireParts(state: string): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error('DHCP and TFTP have ports that only root may open: run it with sudo')
  const dnsmasq = await execa('dnsmasq', ['--version'], { reject: false })
  if (dnsmasq.exitCode !== 0)
    throw new Error('dnsmasq is not on this machine: sudo apt-get install dnsmasq-base')
  if (Object.keys((await readManifest(state)).ipxe).length === 0)
    throw new Error(`nothing to boot in ${bootFiles(state).folder}: npm run muster -- boot build`)
}

async function requireFreePorts(settings: BootSettings): Promise<void> {
  const wanted = [67, 69, ...(settings.mode === 'proxy' ? [4011] : [])].map((port) => ({
    port,
    what: port === 69 ? 'TFTP' : 'DHCP',
    ours: [],
  }))
  const [finding] = judgePorts(wanted, await listeners(), settings)
  if (finding?.fix) throw new Error(`${finding.text}. ${finding.fix}`)
}

async function requireApi(url: string, address: string): Promise<void> {
  const answer = await fetch(`${url}/boot.ipxe`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  )
  if (answer?.ok && (await answer.text()).startsWith('#!ipxe')) return
  throw new Error(
    `the provisioning API does not answer machines at ${url}: npm run up -- --address ${address}`,
  )
}

/** Two servers that give addresses in one network make both unreliable: that is refused. The rest is said. */
async function listenToOthers({ settings, say, signal }: Preflight): Promise<void> {
  say('listening who else answers (4 s)')
  const findings = judgeServers(settings, await probeSegment(settings.address, { signal }))
  const [first] = findings
  if (settings.mode === 'full' && first.state === 'bad')
    throw new Error(`${first.text}. ${first.fix}`)
  for (const { state, text, fix } of findings) if (state !== 'ok') say(`${text}. ${fix}`)
}
