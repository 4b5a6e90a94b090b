import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { dropIdlePort } from '../dhcp/segment.ts'
import { insideOwnNetwork, noNetworkReason } from '../up/own-network.ts'
import { type ApplianceHost, makeApplianceHost } from './appliance-host.ts'

const skip = noNetworkReason()
if (skip) test('muster accept and its like', { skip })
else if (await insideOwnNetwork(import.meta.filename)) tests()

function tests(): void {
  let appliance: ApplianceHost
  before(async () => {
    await dropIdlePort()
    appliance = await makeApplianceHost(`mo${process.pid}`)
    const query = 'macs=52-54-00-cc-00-01&platform=efi&cpu=x86_64&product=ThinkCentre'
    assert.ok((await fetch(`${appliance.url}/boot/script?${query}`)).ok)
  })
  after(() => appliance?.remove())

  const muster = (line: string) => appliance.muster(line.split(' '))
  const machines = async () =>
    JSON.parse((await muster('machines --json')).stdout) as readonly Machine[]

  test('a machine that booted from the network is listed', async () => {
    const { stdout } = await muster('machines')
    assert.match(stdout, /^name +state +address +MAC/)
    assert.match(stdout, /^pc-cc0001 +discovered +- +52:54:00:cc:00:01 .*accept/m)
    assert.deepEqual(
      (await machines()).map(({ name, state }) => [name, state]),
      [['pc-cc0001', 'discovered']],
    )
  })

  test('it is accepted under a name, and so it says', async () => {
    const run = await muster('accept pc-cc0001 --name w7 --erase')
    assert.equal(run.exitCode, 0, run.stderr)
    assert.match(run.stdout, /^w7 is accepted\./)
    const [machine] = await machines()
    assert.equal(machine?.state, 'accepted')
    assert.deepEqual([machine?.boot?.mode, machine?.boot?.erase], ['image', true])
  })

  test('--json prints the machine', async () => {
    const run = await muster('retire w7 --json')
    assert.equal((JSON.parse(run.stdout) as Machine).state, 'retired')
  })

  for (const [line, says] of [
    ['accept nobody', /No such machine/],
    ['accept w7 --mode package', /installer/],
    ['reinstall w7', /not possible in the state/],
  ] as const)
    test(`${line}: exit 1, and why`, async () => {
      const run = await muster(line)
      assert.equal(run.exitCode, 1)
      assert.equal(run.stdout, '')
      assert.match(run.stderr, says)
    })
}
