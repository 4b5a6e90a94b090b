import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { identify, isAlive } from '@muster/base/process-id.ts'
import { atEnd, until } from '../../test/harness.ts'
import { endFamily } from './process-tree.ts'

test('a family ends with its descendants in other sessions; a recycled number is left alone', async (t) => {
  const child = spawn('bash', ['-c', 'setsid sleep 300 & echo $!; trap "" TERM; wait; wait'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  atEnd(t, () => child.kill('SIGKILL'))
  let text = ''
  child.stdout.on('data', (chunk) => (text += chunk))
  const inner = Number(await until('the inner process', () => text.trim()))
  const leader = identify(child.pid ?? 0)
  const other = await until('its identity', () => identify(inner))
  assert.ok(leader)
  await endFamily({ ...leader, start: '1' })
  assert.ok(isAlive(leader) && isAlive(other))
  const exited = once(child, 'exit')
  await endFamily(leader, 200)
  await exited
  assert.ok(!isAlive(leader) && !isAlive(other))
})
