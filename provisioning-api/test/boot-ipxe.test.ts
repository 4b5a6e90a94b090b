import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { bootLab } from './boot-lab.ts'
import { until } from './harness.ts'
import { startIpxe, withoutQemu } from './ipxe-machine.ts'

/** The real server on a port, and the requests of its machines. `broken` answers scripts with 500. */
async function listening(t: TestContext, broken = false) {
  const lab = await bootLab(t)
  const asked: string[] = []
  lab.app.addHook('onRequest', async ({ url }) => {
    if (!url.startsWith('/boot')) return
    asked.push(url)
    if (broken && url.startsWith('/boot/script')) throw new Error('broken')
  })
  await lab.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = lab.app.server.address() as { port: number }
  const count = (pattern: RegExp) => asked.filter((url) => pattern.test(url)).length
  const polled = (times: number) => until(`${times} polls`, () => count(/poll=1$/) >= times, 120)
  return { ...lab, port, asked, count, polled }
}

test(
  'real iPXE: a blank machine tells who it is, waits, and is installed without a second press of its button',
  withoutQemu,
  async (t) => {
    const lab = await listening(t)
    const pc = await startIpxe(t, { port: lab.port })
    await pc.shows(/this machine is pc-000001, network card 52:54:00:00:00:01/)
    const { boot } = await lab.machine('pc-000001')
    assert.deepEqual(boot?.macs, ['52:54:00:00:00:01', '52:54:00:00:00:02'])
    assert.equal(boot?.product.uuid, '4c4c4544-0039-5a10-8054-b4c04f4d3031')
    assert.equal(boot?.product.name, 'Opti 100% #1')
    assert.equal(boot?.product.serial, 'x||y')
    await pc.shows('no disk of this machine starts')
    await lab.polled(2)
    await lab.act('pc-000001', 'accept', { name: 'w1' })
    await pc.shows('w1 starts the live system')
    // There is no kernel in this test: three tries, then it waits on.
    await until('three tries', () => lab.count(/live\/vmlinuz$/) === 3, 60)
    const before = lab.count(/poll=1$/)
    await lab.polled(before + 1)
    assert.equal((await lab.machine('w1')).state, 'accepted')
  },
)

test('real iPXE: a machine with a system starts it', withoutQemu, async (t) => {
  const lab = await listening(t)
  const pc = await startIpxe(t, { port: lab.port, disk: 'system' })
  await pc.shows(/Until then it starts its own disk[\s\S]*DISK/)
  assert.equal(lab.count(/poll=1$/), 0)
})

test(
  'real iPXE: a server that fails is asked three times, then the disk starts',
  withoutQemu,
  async (t) => {
    const lab = await listening(t, true)
    const pc = await startIpxe(t, { port: lab.port, disk: 'system' })
    await pc.shows(/Muster: no answer[\s\S]*DISK/)
    assert.equal(lab.count(/script/), 3)
  },
)

test(
  'real iPXE: a 32-bit processor is told so on its screen, then its disk starts',
  withoutQemu,
  async (t) => {
    const lab = await listening(t)
    const pc = await startIpxe(t, { port: lab.port, disk: 'system', cpu: 'qemu32' })
    await pc.shows(
      /pc-000001 is not installed: this processor cannot run 64-bit Debian 13[\s\S]*DISK/,
    )
    assert.deepEqual((await lab.machine('pc-000001')).boot?.hints, [
      'Its processor cannot run 64-bit Debian 13.',
    ])
  },
)
