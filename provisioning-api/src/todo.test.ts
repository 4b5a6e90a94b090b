import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../test/harness.ts'
import { failureBlock, recordFailure } from './todo.ts'

const job = (id: string) => ({
  id,
  machine: 'w1',
  ip_address: '10.0.0.51',
  state: 'failed' as const,
  phase: 'configure' as const,
  stage: null,
  reason: 'because',
  created: '2026-11-21T10:00:00.000Z',
  started: '2026-11-21T10:00:01.000Z',
  ended: '2026-11-21T10:00:02.000Z',
})

test('a block has the shape of the contract', () => {
  assert.equal(
    failureBlock({ job: job('w1-1'), reason: 'because', log: 'line' }),
    '\n---\n### Provisioning Failed for `w1`\n- **IP Address:** 10.0.0.51\n- **Timestamp:** 2026-11-21T10:00:02.000Z\n- **Job:** [w1-1](jobs/w1-1/log)\n- **Error Log:**\n```\nbecause\n\nline\n```\n',
  )
})

test('a log cannot end its fence or fill the file', () => {
  const block = failureBlock({
    job: job('w1-1'),
    reason: '',
    log: `${'x'.repeat(9000)}\n\`\`\`\`\n# no\x1b[2J`,
  })
  const fence = block.split('\n').at(-2) ?? ''
  assert.equal(fence, '`````')
  assert.ok(block.length < 4500)
  assert.doesNotMatch(block, /\x1b/)
  assert.match(block, /\[cut;/)
})

test('simultaneous failures are all listed, each once', async (t) => {
  const file = path.join(await temporaryFolder(t), 'TODO.md')
  const ids = ['w1-1', 'w1-2', 'w1-3', 'w1-1']
  await Promise.all(
    ids.map((id) => recordFailure(file, { job: job(id), reason: 'because', log: '' })),
  )
  const text = await readFile(file, 'utf8')
  assert.equal(text.match(/### Provisioning Failed/g)?.length, 3)
})
