import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootLab, kindOf, MINUTE } from './boot-lab.ts'

test('progress shows a stage in words and its percentage', async (t) => {
  const { installing, post, machine, clock } = await bootLab(t)
  const grant = await installing()
  await post('progress', { grant, stage: 'write', percent: 42 })
  const { stage, boot } = await machine('w1')
  assert.deepEqual([stage, boot?.percent], ['Writing the image to its disk', 42])
  clock.now += 6 * MINUTE
  assert.match((await machine('w1')).stage ?? '', /; nothing heard for 6 min$/)
  for (const bad of [
    { stage: 'x' },
    { stage: 'write', percent: 101 },
    { stage: 'write', percent: -1 },
  ])
    assert.equal((await post('progress', { grant, ...bad })).statusCode, 422)
})

test('a machine that goes silent is given up after 60 minutes with its last lines', async (t) => {
  const { installing, post, machine, watchdog, clock, ask } = await bootLab(t)
  const grant = await installing()
  await post('progress', { grant, stage: 'write', percent: 42 })
  clock.now += 59 * MINUTE
  await watchdog.look()
  assert.equal((await machine('w1')).state, 'installing')
  clock.now += MINUTE
  await watchdog.look()
  const { state, reason } = await machine('w1')
  assert.equal(state, 'failed')
  assert.match(reason ?? '', /said nothing for 60 minutes.*The last lines: .*stage: write/)
  assert.equal(kindOf((await ask()).body), 'local', 'and is never installed by itself')
  assert.equal((await post('installed', { grant })).statusCode, 403)
})

test('a machine that was installed but does not call home within 15 minutes has failed', async (t) => {
  const { installed, machine, watchdog, clock } = await bootLab(t)
  await installed()
  clock.now += 15 * MINUTE
  await watchdog.look()
  const { state, reason } = await machine('w1')
  assert.equal(state, 'failed')
  assert.match(reason ?? '', /did not call home within 15 minutes/)
})

test('deadlines do not run while the server is off: nobody could be heard', async (t) => {
  const first = await bootLab(t)
  await first.installed()
  await first.app.close()
  const later = Date.now() + 24 * 60 * MINUTE
  const clock = { now: later }
  const second = await bootLab(t, { state: first.state, now: () => clock.now })
  await second.watchdog.look()
  assert.equal((await second.machine('w1')).state, 'installed')
  clock.now += 15 * MINUTE
  await second.watchdog.look()
  assert.equal((await second.machine('w1')).state, 'failed')
})
