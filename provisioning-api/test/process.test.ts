import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { execa } from 'execa'
import {
  atEnd,
  bearer,
  GOOD_TASK,
  KEY,
  localPlay,
  temporaryFolder,
  testConfig,
  until,
} from './harness.ts'
import { get, launch, start } from './server-process.ts'

test('kill -9 in the middle of a run: interrupted, queued again, the old processes gone', async (t) => {
  const state = await temporaryFolder(t)
  await testConfig(state)
  const playbook = path.join(state, 'playbook.yaml')
  await writeFile(playbook, localPlay('- name: Sleep\n  ansible.builtin.command: sleep 987'))
  const first = await start(t, state)
  for (const [name, address] of [
    ['w1', '10.0.0.51'],
    ['w2', '10.0.0.52'],
    ['w3', '10.0.0.53'],
  ])
    await fetch(`${first.url}/api/ready-for-provisioning`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ hostname: name, ip_address: address }),
    })
  const old = await until('the task of w1', async () => {
    const job = (await get(first, '/api/jobs')).find(
      (one: { machine: string }) => one.machine === 'w1',
    )
    return job.stage === 'Sleep' && job
  })
  const sleepers = await until('two sleeping tasks', async () => {
    const pids = await sleeping(state)
    return pids.length >= 2 && pids
  })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')

  await writeFile(playbook, localPlay(GOOD_TASK))
  const second = await start(t, state)
  const done = await until('three ready machines', async () => {
    const machines = await get(second, '/api/machines')
    return machines.every((one: { state: string }) => one.state === 'ready') && machines
  })
  assert.equal(done.length, 3)
  const interrupted = await get(second, `/api/jobs/${old.id}`)
  assert.equal(interrupted.state, 'interrupted')
  assert.match(interrupted.reason, /stopped during this run/)
  for (const pid of sleepers) assert.equal(await commandOf(pid), '', `process ${pid} still lives`)
  assert.equal((await get(second, '/api/jobs')).length, 5)
  const { stdout } = await execa('find', [state, '-name', 'vars.json*'])
  assert.equal(stdout, '')
  assert.doesNotMatch(first.output() + second.output(), new RegExp(KEY))
})

/** Processes `sleep 987` whose ancestors were started with this state folder. */
async function sleeping(state: string): Promise<string[]> {
  const { stdout } = await execa('pgrep', ['-x', 'sleep'], { reject: false })
  const pids = stdout.split('\n').filter(Boolean)
  const mine = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return (await commandOf(pid)) === 'sleep 987' && environment.includes(`HOME=${state}\0`)
    }),
  )
  return pids.filter((_, index) => mine[index])
}

const commandOf = async (pid: string): Promise<string> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim()

test('a port that is taken: exit 1 with a sentence', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  atEnd(t, () => blocker.close())
  const { port } = blocker.address() as { port: number }
  const server = launch(t, await temporaryFolder(t), { MUSTER_PROVISIONING_PORT: String(port) })
  const [code] = await once(server.child, 'exit')
  assert.equal(code, 1)
  assert.match(
    server.output(),
    new RegExp(`Port ${port} on 127.0.0.1 is taken.*MUSTER_PROVISIONING_PORT`),
  )
})

test('a second server on the same state folder: exit 1, the first goes on', async (t) => {
  const state = await temporaryFolder(t)
  const first = await start(t, state)
  const second = launch(t, state)
  const [code] = await once(second.child, 'exit')
  assert.equal(code, 1)
  assert.match(second.output(), new RegExp(`Process ${first.child.pid} already serves`))
  assert.deepEqual(await get(first, '/health'), { status: 'ok' })
})

test('a bad variable: exit 1 with a sentence', async (t) => {
  const server = launch(t, await temporaryFolder(t), { MUSTER_MAX_RUNS: 'many' })
  const [code] = await once(server.child, 'exit')
  assert.equal(code, 1)
  assert.match(server.output(), /^MUSTER_MAX_RUNS is "many"/)
})

test('the start says where the keys came from, and the end takes its pid file away', async (t) => {
  const state = await temporaryFolder(t)
  const server = await start(t, state)
  assert.match(server.output(), /2 API key\(s\) from PIECAT_API_KEYS/)
  const pidFile = path.join(state, 'run/provisioning-api.pid')
  await until(
    'the pid file',
    async () => (await readFile(pidFile, 'utf8').catch(() => '')) === `${server.child.pid}\n`,
  )
  server.child.kill('SIGTERM')
  const [code] = await once(server.child, 'exit')
  assert.equal(code, 0)
  await assert.rejects(readFile(pidFile), { code: 'ENOENT' })
  const closed = await start(t, state, { PIECAT_API_KEYS: '' })
  assert.match(closed.output(), /every key is refused/)
  assert.equal((await fetch(`${closed.url}/api/jobs`, { headers: bearer })).status, 401)
})

test('the call-home client of the original: exact bytes, only 202 is success', async (t) => {
  const state = await temporaryFolder(t)
  await testConfig(state)
  await writeFile(
    path.join(state, 'playbook.yaml'),
    localPlay('- name: Sleep\n  ansible.builtin.command: sleep 986'),
  )
  const { url } = await start(t, state)
  const callHome = async (body: string) => {
    const { stdout } = await execa('curl', [
      '-s',
      '-w',
      '%{http_code}',
      '-X',
      'POST',
      '-H',
      'Content-Type: application/json',
      '-d',
      body,
      `${url}/api/ready-for-provisioning`,
    ])
    return stdout.slice(-3)
  }
  assert.equal(await callHome('{"ip_address": "10.0.0.51", "hostname": "w1"}'), '202')
  assert.equal(await callHome('{"ip_address": "10.0.0.51", "hostname": "w1"}'), '409')
  assert.equal(await callHome('{"ip_address": "", "hostname": "w1"}'), '400')
})
