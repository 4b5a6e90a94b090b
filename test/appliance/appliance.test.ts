import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'
import { withoutRoot } from '../lab/skip.ts'

test(
  'the playbook makes a Debian 13 machine the appliance, and again without a change',
  withoutRoot,
  async () => {
    await prepareLab((line) => process.stderr.write(`${line}\n`))
    const { ok, folder } = await runInNetwork(path.join(import.meta.dirname, 'inside.ts'), 'appl')
    assert.ok(ok, `the appliance broke; its logs are in ${folder}`)
  },
)
