import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { FakeAnsible } from './fake-ansible.ts'
import { bearer, GOOD_TASK, localPlay, openService, temporaryFolder, until } from './harness.ts'

const SECRET = 'a-token-that-is-long-enough-to-be-one'

test('a run with the real Ansible goes through its phases to a ready machine', async (t) => {
  const service = await openService(t)
  service.cluster.variables = { secret_token: SECRET }
  await writeFile(
    service.config.playbook,
    localPlay(
      `${GOOD_TASK}\n- name: Show all\n  ansible.builtin.debug:\n    msg: "{{ secret_token }} {{ ansible_host }} {{ ansible_ssh_common_args }} {{ inventory_hostname }} {{ lookup('env', 'PIECAT_API_KEYS') }}!"`,
    ),
  )
  await service.callHome('w1', '10.0.0.51')
  const job = await service.ended('w1')
  assert.equal(job.state, 'success', job.reason)
  assert.equal(job.phase, 'deploy')
  assert.deepEqual(service.cluster.calls, [
    'waitReady',
    'playVariables w1',
    'waitJoined w1',
    'deployExpert w1',
  ])
  const status = (await service.get('/api/provisioning/status/w1')).json()
  assert.equal(status.status, 'success')
  assert.match(
    status.log,
    /\[redacted\] 10\.0\.0\.51 -o StrictHostKeyChecking=accept-new.*known_hosts.* w1 !/,
  )
  assert.doesNotMatch(status.log, new RegExp(SECRET))
  assert.deepEqual((await readdir(service.file(`jobs/${job.id}`))).sort(), [
    'inventory.yaml',
    'log',
  ])
  const machine = (await service.get('/api/machines/w1')).json()
  assert.deepEqual([machine.state, machine.job_id, machine.reason], ['ready', job.id, null])
})

test('an unreachable machine: the reason names its address and our SSH key', async (t) => {
  const service = await openService(t, { config: { allowLoopback: true } })
  await writeFile(
    service.config.playbook,
    localPlay(GOOD_TASK)
      .replace('  connection: local\n', '')
      .replace('  tasks:', '  vars:\n    ansible_port: 1\n  tasks:')
      .replace('ansible.builtin.debug:\n        msg: hello', 'ansible.builtin.ping:'),
  )
  await service.callHome('w1', '127.0.0.1')
  const job = await service.ended('w1')
  assert.equal(job.state, 'failed')
  assert.equal(job.phase, 'configure')
  assert.match(job.reason, /127\.0\.0\.1.*refused.*id_ed25519\.pub.*authorized_keys/)
})

test('a failing playbook: reason, status and one entry in TODO.md', async (t) => {
  const service = await openService(t)
  const task = '- name: Break\n  ansible.builtin.fail:\n    msg: "the disk is ```` too small"'
  await writeFile(service.config.playbook, localPlay(task))
  await service.callHome('w1', '10.0.0.51')
  const job = await service.ended('w1')
  assert.match(job.reason, /Task "Break" failed on w1: the disk is ```` too small/)
  assert.equal(job.stage, 'Break')
  const todo = await until('TODO.md', () => service.readState('TODO.md').catch(() => undefined))
  assert.match(
    todo,
    /^\n---\n### Provisioning Failed for `w1`\n- \*\*IP Address:\*\* 10\.0\.0\.51\n/,
  )
  assert.match(todo, /- \*\*Error Log:\*\*\n`````\n[\s\S]*\n`````\n$/)
  assert.equal((await service.get('/api/provisioning/status/w1')).json().status, 'failed')
  const machine = (await service.get('/api/machines/w1')).json()
  assert.deepEqual([machine.state, machine.reason], ['failed', job.reason])
  assert.equal((await service.callHome('w1', '10.0.0.51')).statusCode, 202)
  assert.notEqual((await service.ended('w1')).id, job.id)
})

test('a playbook that names other hosts, and one that is missing, are failures', async (t) => {
  const service = await openService(t)
  await writeFile(
    service.config.playbook,
    localPlay(GOOD_TASK).replace('worker_nodes', 'elsewhere'),
  )
  await service.callHome('w1', '10.0.0.51')
  assert.match((await service.ended('w1')).reason, /no task on w1/)
  const missing = await openService(t, { config: { playbook: '/nowhere/at/all/playbook.yaml' } })
  await missing.callHome('w1', '10.0.0.51')
  assert.match((await missing.ended('w1')).reason, /MUSTER_PLAYBOOK/)
})

test('each phase tells why the cluster stopped it', async (t) => {
  const bin = await FakeAnsible(await temporaryFolder(t))
  for (const [step, phase, start] of [
    ['waitReady', 'prepare', 'The cluster could not take the machine'],
    ['playVariables', 'prepare', 'The cluster could not take the machine'],
    ['waitJoined', 'join', 'The machine did not join'],
    ['deployExpert', 'deploy', 'The expert did not start'],
  ] as const) {
    const service = await openService(t, { config: { path: `${bin}:${process.env.PATH}` } })
    service.cluster.failures[step] = 'Consul is away. Start it with npm run up.'
    await service.callHome('w1', '10.0.0.51')
    const job = await service.ended('w1')
    assert.deepEqual(
      [job.state, job.phase, job.reason],
      ['failed', phase, `${start}: Consul is away. Start it with npm run up.`],
    )
    assert.match((await service.get('/api/provisioning/status/w1')).json().log, /Consul is away/)
  }
})

test('a run that takes too long is ended with its processes', async (t) => {
  const folder = await temporaryFolder(t)
  const bin = await FakeAnsible(folder, `sleep 300 & echo $! > '${folder}/child'; wait`)
  const service = await openService(t, {
    config: { path: `${bin}:${process.env.PATH}`, jobMinutes: 1 / 60 },
  })
  await service.callHome('w1', '10.0.0.51')
  const job = await service.ended('w1')
  assert.match(job.reason, /Timed out after .* minutes in the phase "configure"/)
  const child = (await readFile(`${folder}/child`, 'utf8')).trim()
  await until('the end of the child', async () => !(await isRunning(child)))
})

test('a cluster call that ignores its signal is left behind', async (t) => {
  const service = await openService(t, { config: { jobMinutes: 0.3 / 60 } })
  service.cluster.hangs.add('waitReady')
  await service.callHome('w1', '10.0.0.51')
  assert.match((await service.ended('w1')).reason, /in the phase "prepare"/)
})

test('closing ends the runs; the next start runs them again', async (t) => {
  const folder = await temporaryFolder(t)
  const bin = await FakeAnsible(folder, `[ -e '${folder}/go' ] || sleep 300`)
  const config = { path: `${bin}:${process.env.PATH}` }
  const first = await openService(t, { config })
  await first.callHome('w1', '10.0.0.51')
  await until('the run', () => stat(`${folder}/runs`).catch(() => undefined))
  const { id } = await first.jobOf('w1')
  await first.app.close()
  const [, pid = ''] = (await readFile(`${folder}/runs`, 'utf8')).trim().split(' ')
  assert.equal(await isRunning(pid), false)
  await writeFile(`${folder}/go`, '')
  const second = await openService(t, { config, state: first.state })
  const job = await second.ended('w1')
  assert.equal(job.state, 'success')
  assert.notEqual(job.id, id)
  assert.equal((await second.get(`/api/jobs/${id}`)).json().state, 'interrupted')
})

test('the log comes in pieces while it grows', async (t) => {
  const folder = await temporaryFolder(t)
  const bin = await FakeAnsible(
    folder,
    `for i in {1..3000}; do printf '%0200d€\\n' $i; done; until [ -e '${folder}/go' ]; do sleep 0.02; done`,
  )
  const service = await openService(t, { config: { path: `${bin}:${process.env.PATH}` } })
  await service.callHome('w1', '10.0.0.51')
  const { id } = await service.jobOf('w1')
  const piece = async (from: number) =>
    (await service.get(`/api/jobs/${id}/log?from=${from}`)).json()
  const first = await until('a first piece', async () => {
    const one = await piece(0)
    return one.next > 200_000 && one
  })
  assert.ok(first.next <= 256 * 1024)
  assert.equal(first.done, false)
  await writeFile(`${folder}/go`, '')
  let { text, next, done } = first
  await until('the whole log', async () => {
    const one = await piece(next)
    text += one.text
    next = one.next
    done = one.done
    return done
  })
  assert.equal(text, await readFile(service.file(`jobs/${id}/log`), 'utf8'))
  assert.equal(text.match(/€/g)?.length, 3000)
  const tail = (await service.get('/api/provisioning/status/w1')).json().log
  assert.match(tail, /^\[cut: /)
  assert.ok(Buffer.byteLength(tail) < 66_000)
  for (const from of ['-1', 'x', '1.5'])
    assert.equal((await service.get(`/api/jobs/${id}/log?from=${from}`)).statusCode, 422)
})

test('artifacts are served by plain name only, with byte ranges', async (t) => {
  const service = await openService(t, { hold: true })
  const url = '/artifacts/nomad_2.0.0.zip'
  const missing = await service.app.inject({ url })
  assert.deepEqual([missing.statusCode, missing.json()], [404, { detail: 'Not Found' }])
  await mkdir(`${service.state}/artifacts/sub`, { recursive: true })
  await writeFile(`${service.state}/artifacts/nomad_2.0.0.zip`, '0123456789')
  await writeFile(`${service.state}/artifacts/.hidden`, 'x')
  await writeFile(`${service.state}/artifacts/sub/inner`, 'x')
  await writeFile(`${service.state}/api-key`, 'x')
  assert.equal((await service.app.inject({ url })).body, '0123456789')
  const part = await service.app.inject({ url, headers: { range: 'bytes=2-4' } })
  assert.deepEqual([part.statusCode, part.body], [206, '234'])
  for (const bad of [
    '',
    '.hidden',
    'sub',
    'sub/inner',
    'sub%2finner',
    '..%2fapi-key',
    '../api-key',
    '%00',
    'none',
  ])
    assert.equal(
      (await service.app.inject({ url: `/artifacts/${bad}`, headers: bearer })).statusCode,
      404,
      bad,
    )
})

async function isRunning(pid: string): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text !== undefined && !/\) Z /.test(text)
}
