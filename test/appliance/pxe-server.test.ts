import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'
import { withoutRoot } from '../lab/skip.ts'

test(
  'the role pxe_server serves network boot from a Debian 13 machine, and again without a change',
  withoutRoot,
  async () => {
    await prepareLab((line) => process.stderr.write(`${line}\n`))
    const script = path.join(import.meta.dirname, 'pxe-server.ts')
    const { ok, folder } = await runInNetwork(script, 'pxes')
    assert.ok(ok, `network boot broke; its logs are in ${folder}`)
  },
)
