import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { bootFiles, cacheFolder } from '@muster/base/state.ts'
import { type DhcpPlan, dnsmasqConfig } from '@muster/pxe/dhcp/config.ts'
import { textOf } from '@muster/pxe/dhcp/packet.ts'
import { IPXE_BINARIES, publishIpxe } from '@muster/pxe/ipxe/build.ts'
import { obtainIpxe } from '@muster/pxe/ipxe/obtain.ts'
import { readManifest } from '@muster/pxe/manifest.ts'
import { execa } from 'execa'
import { addHost, type Host } from '../lab/host.ts'
import { until } from '../lab/until.ts'
import { insideOwnNetwork, noNetworkReason } from '../up/own-network.ts'
import { type Dnsmasq, planOn, runDnsmasq, startDnsmasq } from './dnsmasq.ts'
import { kinds } from './kinds.ts'
import { Asker, dropIdlePort, SERVER_ADDRESS } from './segment.ts'

const MAC = '52:54:00:aa:00:01'

const skip = noNetworkReason()
if (skip) test('what dnsmasq serves', { skip })
else if (await insideOwnNetwork(import.meta.filename)) await tests()

async function tests(): Promise<void> {
  let host: Host
  before(async () => {
    await dropIdlePort()
    host = await addHost(`ds${process.pid}`, SERVER_ADDRESS)
    // A second interface, on which nothing of ours may listen.
    const ip = (...args: string[]) => execa('ip', ['-n', host.name, ...args])
    await ip('link', 'add', 'other', 'type', 'veth', 'peer', 'name', 'far')
    await ip('addr', 'add', '198.18.0.1/24', 'dev', 'other')
    await ip('link', 'set', 'other', 'up')
  })
  after(() => host?.remove())

  for (const mode of ['proxy', 'full'] as const) {
    test(`${mode}: dnsmasq --test accepts the file`, async (context) => {
      const folder = await temporary(context)
      const file = path.join(folder, 'dnsmasq.conf')
      await writeFile(file, await dnsmasqConfig(planOn(host, mode, folder)))
      const { stderr } = await execa('dnsmasq', ['--test', '-C', file])
      assert.match(stderr, /syntax check OK/)
    })

    test(`${mode}: it listens on the given interface only`, async (context) => {
      const dnsmasq = await startDnsmasq(host, mode)
      context.after(() => dnsmasq.stop())
      const expected = ['0.0.0.0%eth0:67', `${SERVER_ADDRESS}:69`]
      if (mode === 'proxy') expected.push('0.0.0.0%eth0:4011')
      assert.deepEqual(await listening(host), expected.sort())
    })
  }

  for (const user of ['root', 'nobody'])
    test(`TFTP sends every binary whole from a private state folder of ${user}`, async (context) => {
      const { state, dnsmasq } = await startOnState(host, user)
      context.after(() => rm(state, { recursive: true, force: true }))
      context.after(() => dnsmasq.stop())
      const { ipxe } = await readManifest(state)
      assert.deepEqual(Object.keys(ipxe), [...IPXE_BINARIES])
      for (const [name, { sha256, bytes }] of Object.entries(ipxe)) {
        const url = `tftp://${SERVER_ADDRESS}/${name}`
        const { stdout } = await execa('curl', ['-sS', '--max-time', '30', url], {
          encoding: 'buffer',
        })
        assert.equal(stdout.length, bytes)
        assert.equal(createHash('sha256').update(stdout).digest('hex'), sha256, name)
      }
    })

  for (const [what, name, error] of [
    // Exit codes of curl: no such file, no permission.
    ['a file that is not there', 'pxelinux.0', 68],
    ['the rest of the state folder', '../manifest.json', 69],
  ] as const)
    test(`TFTP refuses ${what} at once`, async (context) => {
      const { state, dnsmasq } = await startOnState(host, 'root')
      context.after(() => rm(state, { recursive: true, force: true }))
      context.after(() => dnsmasq.stop())
      const url = `tftp://${SERVER_ADDRESS}/${name}`
      const run = await execa('curl', ['-sS', '--path-as-is', '--max-time', '5', url], {
        reject: false,
      })
      assert.equal(run.exitCode, error, run.stderr)
    })

  describe('another binary for one machine', () => overrides(() => host))
}

function overrides(host: () => Host): void {
  let dnsmasq: Dnsmasq
  let asker: Asker
  const file = () => path.join(dnsmasq.folder, 'dhcp-hosts', MAC.replaceAll(':', '-'))
  const binary = async () => {
    const [offer] = await asker.ask(kinds['BIOS (0)'], MAC)
    return textOf(offer!.options.get(67)!)
  }
  before(async () => {
    dnsmasq = await startDnsmasq(host(), 'full')
    asker = await Asker.open()
  })
  after(async () => {
    asker?.close()
    await dnsmasq?.stop()
  })

  test('before one is chosen', async () => assert.equal(await binary(), 'undionly.kpxe'))

  for (const [tag, name] of [
    ['bin-undionly-kkpxe', 'undionly.kkpxe'],
    ['bin-ipxe-pxe', 'ipxe.pxe'],
    ['bin-default', 'undionly.kpxe'],
    ['bin-undionly-kkpxe', 'undionly.kkpxe'],
  ] as const)
    test(`${tag} counts from when the machine's file says so`, async () => {
      const draft = path.join(dnsmasq.folder, 'draft')
      await writeFile(draft, `${MAC},set:${tag}\n`)
      await rename(draft, file())
      await until('it counts', async () => (await binary()) === name, 10)
    })
}

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-dhcp-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function listening({ enter }: Host): Promise<string[]> {
  const [command = '', ...into] = enter
  const { stdout } = await execa(command, [...into, 'ss', '-lnuH'])
  return (
    stdout
      .split('\n')
      .map((line) => line.split(/\s+/)[3]!)
      // Its own address of IPv6 comes a second later.
      .filter((place) => !/^\[fe80:.*\]%eth0:69$/.test(place))
      .sort()
  )
}

/** As `muster boot build` leaves it: nobody but its owner enters the folder. */
async function startOnState(host: Host, user: string) {
  const state = await mkdtemp(path.join(tmpdir(), 'muster-dhcp-'))
  const tools = { cache: cacheFolder(), say: () => {}, signal: new AbortController().signal }
  await publishIpxe(state, await obtainIpxe(tools), assert.fail)
  const { folder, dhcpHosts } = bootFiles(state)
  await execa('mkdir', [dhcpHosts])
  await execa('chown', ['-R', user, state])
  const plan: DhcpPlan = { ...planOn(host, 'proxy', folder), user }
  return { state, dnsmasq: await runDnsmasq(host, { folder, text: await dnsmasqConfig(plan) }) }
}
