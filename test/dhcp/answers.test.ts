import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ClientKind } from '@muster/pxe/dhcp/question.ts'
import { addHost, type Host } from '../lab/host.ts'
import { until } from '../lab/until.ts'
import { insideOwnNetwork, noNetworkReason } from '../up/own-network.ts'
import { type Dnsmasq, startDnsmasq } from './dnsmasq.ts'
import { answersTo, chooseBinaries, macOf, readGolden } from './golden.ts'
import { type KindName, kinds } from './kinds.ts'
import { Asker, dropIdlePort, SERVER_ADDRESS } from './segment.ts'

const skip = noNetworkReason()
if (skip) test('answers of dnsmasq', { skip })
else if (await insideOwnNetwork(import.meta.filename)) tests()

function tests(): void {
  for (const mode of ['proxy', 'full'] as const)
    describe(`${mode} DHCP`, () => {
      let host: Host
      let dnsmasq: Dnsmasq
      let asker: Asker
      let golden: Map<string, string[]>

      before(async () => {
        golden = await readGolden()
        if (mode === 'proxy') await dropIdlePort()
        host = await addHost(`da${process.pid}`, SERVER_ADDRESS)
        dnsmasq = await startDnsmasq(host, mode)
        const { folder, log } = dnsmasq
        await chooseBinaries(path.join(folder, 'dhcp-hosts'), (file) =>
          until('dnsmasq reads it', async () => (await log()).includes(`read ${file}`), 10),
        )
        asker = await Asker.open()
      })
      after(async () => {
        asker?.close()
        await dnsmasq?.stop()
        await host?.remove()
      })

      for (const [name, kind] of Object.entries(kinds) as [KindName, ClientKind][])
        test(name, async () => {
          const lines = await answersTo(asker, { mode, kind, mac: macOf(name) })
          const expected = golden.get(name)?.filter((line) => line.startsWith(mode))
          assert.deepEqual(lines, expected, `${name}:\n${lines.join('\n')}`)
        })
    })
}
