import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { Progress } from '@muster/agent-app/contract/progress.ts'
import { ProgressRecorder, Skipped } from './progress.ts'

async function recorder(context: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-progress-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'run/progress.json')
  const lines: string[] = []
  const steps = [
    { id: 'one', title: 'First thing' },
    { id: 'two', title: 'Second thing' },
  ]
  const progress = new ProgressRecorder(file, steps, (line) => lines.push(line))
  const saved = async () => {
    await progress.saved()
    return Progress.parse(JSON.parse(await readFile(file, 'utf8')))
  }
  return { folder, lines, progress, saved }
}

test('a step gives its result, and its end is printed and kept', async (context) => {
  const { progress, lines, saved } = await recorder(context)
  assert.equal(await progress.step('one', async () => 42), 42)
  const [one, two] = (await saved()).steps
  assert.equal(one?.state, 'done')
  assert.equal(typeof one?.seconds, 'number')
  assert.equal(two?.state, 'waiting')
  assert.match(lines.at(-1)!, /✓ First thing \(\d+\.\d s\)/)
})

test('what a step does now is on the page while it does it', async (context) => {
  const { progress, lines, saved } = await recorder(context)
  await progress.step('one', async (say) => {
    say('packing')
    const [one] = (await saved()).steps
    assert.equal(one?.state, 'running')
    assert.equal(one?.detail, 'packing')
  })
  assert.ok(lines.some((line) => line.includes('… First thing: packing')))
})

test('a failure is kept with its reason and thrown on', async (context) => {
  const { progress, lines, saved } = await recorder(context)
  await assert.rejects(
    progress.step('two', () => Promise.reject(new Error('no disk'))),
    /no disk/,
  )
  assert.equal((await saved()).steps[1]?.state, 'failed')
  assert.match(lines.at(-1)!, /✗ Second thing: no disk/)
})

test('a skipped step is not a failure', async (context) => {
  const { progress, saved } = await recorder(context)
  await assert.rejects(
    progress.step('one', () => Promise.reject(new Skipped('no apt here'))),
    Skipped,
  )
  const [one] = (await saved()).steps
  assert.deepEqual([one?.state, one?.detail], ['skipped', 'no apt here'])
})

test('the cluster is ready when it was said', async (context) => {
  const { progress, saved } = await recorder(context)
  await progress.step('one', async () => {})
  assert.equal((await saved()).cluster, false)
  progress.clusterReady()
  assert.equal((await saved()).cluster, true)
})

test('an unknown step is a mistake of ours', async (context) => {
  const { progress } = await recorder(context)
  await assert.rejects(
    progress.step('three', async () => {}),
    /no step three/,
  )
})

test('a progress that cannot be kept is said, and the step still runs', async (context) => {
  const { folder, progress, lines } = await recorder(context)
  await writeFile(path.join(folder, 'run'), 'a file where the folder should be')
  assert.equal(await progress.step('one', async () => 'done'), 'done')
  await progress.saved()
  assert.ok(lines.some((line) => line.includes('cannot keep the progress')))
})
