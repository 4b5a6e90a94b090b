import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type HeardServer, probeSegment } from '@muster/pxe/dhcp/probe.ts'
import { addHost, type Host } from '../lab/host.ts'
import { insideOwnNetwork, noNetworkReason } from '../up/own-network.ts'
import { startDnsmasq } from './dnsmasq.ts'
import { proxyConfig, ROUTER_ADDRESS, routerConfig } from './router.ts'
import { CLIENT_ADDRESS, dropIdlePort, SERVER_ADDRESS } from './segment.ts'

const OURS: HeardServer = { address: SERVER_ADDRESS, gives: false, boots: true }
const ROUTER: HeardServer = { address: ROUTER_ADDRESS, gives: true, boots: false }

const skip = noNetworkReason()
if (skip) test('who answers on the segment', { skip })
else if (await insideOwnNetwork(import.meta.filename)) tests()

function tests(): void {
  let appliance: Host
  let home: Host
  before(async () => {
    await dropIdlePort()
    appliance = await addHost(`dp${process.pid}a`, SERVER_ADDRESS)
    home = await addHost(`dp${process.pid}r`, ROUTER_ADDRESS)
  })
  after(async () => {
    await appliance?.remove()
    await home?.remove()
  })
  const heard = () => probeSegment(CLIENT_ADDRESS, { listenMs: 1_000 })
  const run = async (
    context: TestContext,
    host: Host,
    config: Parameters<typeof startDnsmasq>[1],
  ) => {
    const dnsmasq = await startDnsmasq(host, config)
    context.after(() => dnsmasq.stop())
  }

  test('nobody', async () => {
    assert.deepEqual(await heard(), [])
  })

  test('the home router and our proxy', async (context) => {
    await run(context, appliance, 'proxy')
    await run(context, home, (folder) => routerConfig(folder))
    assert.deepEqual(await heard(), [OURS, ROUTER])
  })

  test('a second DHCP server beside ours', async (context) => {
    await run(context, appliance, 'full')
    await run(context, home, (folder) => routerConfig(folder))
    assert.deepEqual(await heard(), [{ ...OURS, gives: true }, ROUTER])
  })

  test('a second proxy', async (context) => {
    await run(context, appliance, 'proxy')
    await run(context, home, proxyConfig)
    assert.deepEqual(await heard(), [OURS, { ...ROUTER, gives: false, boots: true }])
  })

  test('a router that gives a boot file of its own', async (context) => {
    await run(context, home, (folder) => routerConfig(folder, 'dhcp-boot=pxelinux.0'))
    assert.deepEqual(await heard(), [{ ...ROUTER, boots: true }])
  })
}
