import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'
import { withoutRoot } from '../lab/skip.ts'

test(
  'a machine calls home and answers in Mission Control, through a killed expert and a power cycle',
  withoutRoot,
  async () => {
    await prepareLab((line) => process.stderr.write(`${line}\n`))
    const { ok, stdout, folder } = await runInNetwork(
      path.join(import.meta.dirname, 'inside.ts'),
      'chain',
    )
    assert.ok(ok, `the chain broke; its logs are in ${folder}`)
    const { stages } = JSON.parse(stdout) as { stages: { name: string }[] }
    assert.equal(stages.at(-1)?.name, 'Ctrl-C: the appliance is down')
  },
)
