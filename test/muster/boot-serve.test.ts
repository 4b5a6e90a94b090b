import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, type TestContext, test } from 'node:test'
import { bootFiles, stateFiles } from '@muster/base/state.ts'
import { textOf } from '@muster/pxe/dhcp/packet.ts'
import { readBootSettings } from '@muster/pxe/dhcp/settings.ts'
import { execa } from 'execa'
import { startDnsmasq } from '../dhcp/dnsmasq.ts'
import { kinds } from '../dhcp/kinds.ts'
import { proxyConfig, ROUTER_ADDRESS, routerConfig } from '../dhcp/router.ts'
import { Asker, dropIdlePort, SERVER_ADDRESS } from '../dhcp/segment.ts'
import { addHost, type Host } from '../lab/host.ts'
import { until } from '../lab/until.ts'
import { insideOwnNetwork, noNetworkReason } from '../up/own-network.ts'
import { type ApplianceHost, makeApplianceHost, type RunningMuster } from './appliance-host.ts'

const MAC = '52:54:00:bb:00:01'
const FULL = ['--interface', 'eth0', '--mode', 'full', '--range', '10.77.0.100,10.77.0.199']

const skip = noNetworkReason()
if (skip) test('muster boot serve', { skip })
else if (await insideOwnNetwork(import.meta.filename)) tests()

function tests(): void {
  let appliance: ApplianceHost
  let home: Host
  before(async () => {
    await dropIdlePort()
    // A host that takes advertisements, as machines do.
    await execa('sysctl', ['-qw', 'net.ipv6.conf.br0.accept_ra=2'])
    appliance = await makeApplianceHost(`ms${process.pid}a`)
    home = await addHost(`ms${process.pid}r`, ROUTER_ADDRESS)
  })
  after(async () => {
    await appliance?.remove()
    await home?.remove()
  })

  const other = async (context: TestContext, config: Parameters<typeof startDnsmasq>[1]) => {
    const dnsmasq = await startDnsmasq(home, config)
    context.after(() => dnsmasq.stop())
  }
  const serve = async (context: TestContext, args: readonly string[]): Promise<RunningMuster> => {
    const serving = appliance.startMuster('boot', 'serve', '--json', ...args)
    context.after(() => serving.stop())
    await serving.says(/"serving"/)
    return serving
  }
  const asker = async (context: TestContext) => {
    const asking = await Asker.open()
    context.after(() => asking.close())
    await until('dnsmasq listens', async () => (await dnsmasqPid()) > 0, 10)
    return asking
  }
  const dnsmasqPid = async () =>
    Number(await readFile(bootFiles(appliance.state).dnsmasqPid, 'utf8').catch(() => '0'))
  const doctor = async () => {
    const run = await appliance.muster('doctor --interface eth0 --mode proxy --json'.split(' '))
    const { findings } = JSON.parse(run.stdout) as { findings: Record<string, string>[] }
    const told = findings.map(({ check, state, text }) => `${check}: ${state}: ${text}`)
    return { exitCode: run.exitCode, told: told.join('\n') }
  }

  test('proxy: it tells who boots and who is refused, survives its dnsmasq, and Ctrl-C leaves nothing', async (context) => {
    await other(context, (folder) => routerConfig(folder))
    const serving = await serve(context, ['--address', SERVER_ADDRESS])
    const asking = await asker(context)
    assert.deepEqual(await readBootSettings(appliance.state), {
      mode: 'proxy',
      interface: 'eth0',
      address: SERVER_ADDRESS,
    })

    await asking.ask(kinds['UEFI IA32 (6)'], MAC)
    await serving.says(/"kind":"refused","mac":"52:54:00:bb:00:01".*"ia32-uefi"/)
    await asking.ask(kinds['UEFI x64 (7)'], MAC)
    await serving.says(/"kind":"asked","mac":"52:54:00:bb:00:01","firmware":"UEFI"/)
    await execa('curl', ['-sf', `tftp://${SERVER_ADDRESS}/snponly.efi`, '-o', '/dev/null'])
    await serving.says(/"kind":"sent","file":"snponly.efi"/)

    const pid = await dnsmasqPid()
    process.kill(pid, 'SIGKILL')
    await serving.says(/dnsmasq ended \(SIGKILL\); starting it again/)
    await until('another dnsmasq', async () => ![0, pid].includes(await dnsmasqPid()), 20)
    await until('it answers', async () => {
      const [offer] = await asking.ask(kinds['UEFI x64 (7)'], MAC)
      return offer !== undefined
    })

    assert.equal(await serving.stop(), 0)
    const { stdout } = await execa('ip', ['netns', 'pids', appliance.host.name])
    const api = await readFile(stateFiles(appliance.state).pid('provisioning-api'), 'utf8')
    assert.deepEqual(stdout.split('\n'), [api.trim()])
  })

  test('full: it gives addresses and advertises no route; its own address of IPv6 goes with it', async (context) => {
    const serving = await serve(context, FULL)
    const asking = await asker(context)
    const [offer] = await asking.ask(kinds['iPXE on UEFI x64'], MAC)
    assert.match(offer!.yiaddr, /^10\.77\.0\.1\d\d$/)
    assert.equal(textOf(offer!.options.get(67)!), `${appliance.url}/boot.ipxe`)
    const ip = async (...args: string[]) => (await execa('ip', ['-6', ...args])).stdout
    await until('an advertisement', async () =>
      (await ip('address', 'show', 'dev', 'br0')).includes('fd6d:7573:7465:'),
    )
    assert.equal(await ip('route', 'show', 'default'), '')
    assert.equal(await serving.stop(), 0)
    const left = await execa('ip', ['-n', appliance.host.name, '-6', 'address', 'show', 'eth0'])
    assert.doesNotMatch(left.stdout, /fd6d:7573:7465::1\//)
  })

  test('full beside another DHCP server: refused, by its address', async (context) => {
    await other(context, (folder) => routerConfig(folder))
    const run = await appliance.muster(['boot', 'serve', ...FULL])
    assert.equal(run.exitCode, 1)
    assert.match(run.stderr, new RegExp(`${ROUTER_ADDRESS} gives addresses.*--mode proxy`))
    const proxy = await appliance.muster(['boot', 'serve', '--interface', 'eth0', '--check'])
    assert.equal(proxy.exitCode, 0, proxy.stderr)
    assert.equal(proxy.stdout, 'Ready.')
  })

  for (const [what, change, says] of [
    [
      'no provisioning API there',
      { env: { MUSTER_PROVISIONING_PORT: '8009' } },
      /does not answer machines at .*:8009: npm run up -- --address 10\.77\.0\.2/,
    ],
    ['nothing was built', { state: '/nonexistent' }, /npm run muster -- boot build/],
  ] as const)
    test(`${what}: refused, with the next step`, async () => {
      const run = await appliance.muster(['boot', 'serve', '--interface', 'eth0'], change)
      assert.equal(run.exitCode, 1)
      assert.match(run.stderr, says)
    })

  test('doctor finds a second DHCP server and a second proxy', async (context) => {
    await other(context, proxyConfig)
    const { exitCode, told } = await doctor()
    assert.equal(exitCode, 1)
    assert.match(told, new RegExp(`DHCP servers: bad: ${ROUTER_ADDRESS} tells machines to boot`))
    assert.match(told, /DHCP servers: bad: nobody gives addresses/)
  })

  test('doctor while all is well: our ports are ours, only the router answers', async (context) => {
    await other(context, (folder) => routerConfig(folder))
    const serving = await serve(context, ['--address', SERVER_ADDRESS])
    const asking = await asker(context)
    await asking.ask(kinds['UEFI IA32 (6)'], '52:54:00:bb:00:02')
    const { told } = await doctor()
    assert.match(told, /DHCP servers: ok: only the router answers/)
    assert.match(told, /ports: ok: 67, 4011, 69, 8001 are free or ours/)
    assert.match(told, /Muster: ok: its provisioning API answers/)
    assert.match(told, /address: ok: 10\.77\.0\.2 on eth0 is fixed/)
    assert.match(told, /refused machine: warn: 52:54:00:bb:00:02 got no answer/)
    assert.match(told, /boot files: bad: .*none is missing/)
    const second = await appliance.muster(['boot', 'serve', '--interface', 'eth0'])
    assert.equal(second.exitCode, 1)
    assert.match(second.stderr, /port 67 \(DHCP\) is taken by dnsmasq/)
    assert.equal(await serving.stop(), 0)
  })
}
