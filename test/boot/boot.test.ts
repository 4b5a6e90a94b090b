import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'
import { withoutRoot } from '../lab/skip.ts'

test(
  'two blank PCs, BIOS and UEFI, install themselves from the network once accepted, run a job, and never install again',
  withoutRoot,
  async () => {
    await prepareLab((line) => process.stderr.write(`${line}\n`))
    const script = path.join(import.meta.dirname, 'inside.ts')
    const { ok, stdout, folder } = await runInNetwork(script, 'boot')
    assert.ok(ok, `network boot broke; its logs are in ${folder}`)
    const { stages } = JSON.parse(stdout) as { stages: { name: string }[] }
    assert.equal(stages.at(-1)?.name, 'the end')
  },
)
