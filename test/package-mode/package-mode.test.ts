import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'
import { withoutRoot } from '../lab/skip.ts'
import { prepareInstaller } from './prepared.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

test(
  'an accepted PC boots the Debian installer, which fetches its own preseed and partitions the approved disk',
  withoutRoot,
  async () => {
    await prepareLab(say)
    await prepareInstaller(say)
    const script = path.join(import.meta.dirname, 'inside.ts')
    const { ok, stdout, folder } = await runInNetwork(script, 'package')
    assert.ok(ok, `package mode broke; its logs are in ${folder}`)
    const { stages } = JSON.parse(stdout) as { stages: { name: string }[] }
    assert.equal(stages.at(-1)?.name, 'the disk is partitioned')
    await rm(folder, { recursive: true })
  },
)
