import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { test } from 'node:test'
import { FakeAnsible } from './fake-ansible.ts'
import { bearer, KEY, openService, READER, temporaryFolder } from './harness.ts'

const ACCEPTED = { message: 'Accepted provisioning request for w1. Ansible playbook started.' }

test('the transcript of the wire contract', async (t) => {
  const { app, callHome, get, readState } = await openService(t, { hold: true })
  assert.deepEqual((await get('/api/provisioning/status')).json(), {})

  const accepted = await callHome('w1', '10.0.0.51')
  assert.equal(accepted.statusCode, 202)
  assert.deepEqual(accepted.json(), ACCEPTED)

  const again = await callHome('w1', '10.0.0.51')
  assert.equal(again.statusCode, 409)
  assert.deepEqual(again.json(), { message: 'Provisioning for w1 is already in progress.' })

  const job = (await get('/api/provisioning/status/w1')).json()
  assert.match(job.job_id, /^w1-[0-9a-z]{26}$/)
  assert.match(job.start_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(
    { ...job, job_id: '', start_time: '' },
    {
      status: 'running',
      state: 'queued',
      start_time: '',
      end_time: null,
      log: '',
      job_id: '',
    },
  )
  assert.deepEqual((await get('/api/provisioning/status')).json(), { w1: job })

  const unknown = await get('/api/provisioning/status/w2')
  assert.equal(unknown.statusCode, 404)
  assert.deepEqual(unknown.json(), { detail: 'Job not found for this hostname.' })

  const wrongMethod = await app.inject({ url: '/api/ready-for-provisioning' })
  assert.equal(wrongMethod.statusCode, 405)
  assert.equal(wrongMethod.headers.allow, 'POST')
  assert.deepEqual(wrongMethod.json(), { detail: 'Method Not Allowed' })

  const nowhere = await app.inject({ url: '/nowhere' })
  assert.equal(nowhere.statusCode, 404)
  assert.deepEqual(nowhere.json(), { detail: 'Not Found' })

  assert.equal(
    await readState('inventory.yaml'),
    'all:\n  children:\n    worker_nodes:\n      hosts:\n        w1:\n          ansible_host: 10.0.0.51\n',
  )
})

test('malformed bodies get their status and leave nothing behind', async (t) => {
  const { app, get, file } = await openService(t, { hold: true })
  const post = (payload: string, type = 'application/json') =>
    app.inject({
      method: 'POST',
      url: '/api/ready-for-provisioning',
      headers: { ...bearer, 'content-type': type },
      payload,
    })
  for (const body of [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '5',
    '{"__proto__": {"ip_address": "10.0.0.1"}}',
  ])
    assert.equal((await post(body)).statusCode, 400, body)
  assert.equal(
    (await post('{"ip_address":"10.0.0.1","hostname":"w1"}', 'text/plain')).statusCode,
    400,
  )
  for (const body of [
    '{}',
    '{"ip_address":"10.0.0.1"}',
    '{"hostname":"w1"}',
    '{"ip_address":null,"hostname":"w1"}',
    '{"ip_address":"10.0.0.1","hostname":""}',
    '{"ip_address":"","hostname":5}',
  ]) {
    const answer = await post(body)
    assert.equal(answer.statusCode, 400, body)
    assert.deepEqual(answer.json(), { detail: 'ip_address and hostname are required' })
  }
  for (const body of [
    '{"ip_address":["1"],"hostname":["h"]}',
    '{"ip_address":{"a":1},"hostname":5}',
    '{"ip_address":"10.0.0.1","hostname":true}',
    '{"ip_address":7,"hostname":"w1"}',
  ])
    assert.equal((await post(body)).statusCode, 422, body)
  const large = await post(`{"ip_address":"10.0.0.1","hostname":"w1","x":"${'x'.repeat(70_000)}"}`)
  assert.equal(large.statusCode, 413)
  assert.deepEqual((await get('/api/jobs')).json(), [])
  await assert.rejects(stat(file('inventory.yaml')), { code: 'ENOENT' })
})

test('names and addresses that mean something to Ansible are refused', async (t) => {
  const { callHome, get, file } = await openService(t, { hold: true })
  const names = [
    'all',
    'ALL',
    'ungrouped',
    'localhost',
    'worker_nodes',
    'workers',
    'server',
    'consul',
    '--flag',
    '-l',
    '@file',
    '@/etc/passwd',
    '*',
    'w*',
    '~x',
    '~.*',
    'a:b',
    'a,b',
    'a&b',
    '!a',
    'a b',
    'w1\n',
    'w1\u0000',
    '../w1',
    '{{ 7*7 }}',
    '{% raw %}',
    "{{ lookup('pipe','id') }}",
    'w1.lan',
    '1w',
    'w-',
    'w'.repeat(64),
    'ẅ',
    ' w1',
  ]
  for (const name of names) {
    const answer = await callHome(name, '10.0.0.51', bearer)
    assert.equal(answer.statusCode, 422, JSON.stringify(name))
    const [issue] = answer.json().detail
    assert.deepEqual(issue.loc, ['body', 'hostname'])
    assert.equal(typeof issue.msg, 'string')
    assert.equal(typeof issue.type, 'string')
  }
  const addresses = [
    '127.0.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '169.254.9.9',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    '::ffff:10.0.0.1',
    '10.0.0.1; id',
    '{{ 7*7 }}',
    "{{ lookup('pipe','id') }}",
    '10.0.0.1\n',
    '-oProxyCommand=id',
    '10.0.0.256',
    'w1.lan',
    '10.0.0.0/24',
  ]
  for (const address of addresses) {
    const answer = await callHome('w1', address, bearer)
    assert.equal(answer.statusCode, 422, address)
    assert.deepEqual(answer.json().detail[0].loc, ['body', 'ip_address'])
  }
  assert.deepEqual((await get('/api/jobs')).json(), [])
  await assert.rejects(stat(file('inventory.yaml')), { code: 'ENOENT' })
})

test('a name is lower-cased, an address canonical, unknown fields ignored', async (t) => {
  const { app, get, readState } = await openService(t, { hold: true })
  const answer = await app.inject({
    method: 'POST',
    url: '/api/ready-for-provisioning',
    payload: { ip_address: 'FD00::0:A', hostname: 'W1', mac: 'x' },
  })
  assert.deepEqual(answer.json(), ACCEPTED)
  assert.equal((await get('/api/machines/W1')).json().ip_address, 'fd00::a')
  assert.match(await readState('inventory.yaml'), /w1:\n +ansible_host: "fd00::a"/)
})

test('outside the window only a key or a machine that is known by name and address gets in', async (t) => {
  const { app, enrolment, callHome, get, readState } = await openService(t, { hold: true })
  assert.equal((await callHome('w1', '10.0.0.51')).statusCode, 202)
  enrolment.close()

  const stranger = await callHome('w2', '10.0.0.52')
  assert.equal(stranger.statusCode, 401)
  assert.deepEqual(stranger.json(), { detail: 'Missing API Key' })
  assert.equal((await callHome('w1', '10.0.0.99')).statusCode, 401)
  assert.equal((await callHome('w1', '10.0.0.51')).statusCode, 409)
  assert.equal((await callHome('w2', '10.0.0.52', bearer)).statusCode, 202)
  assert.equal(
    (await callHome('w3', '10.0.0.53', { authorization: 'Bearer wrong' })).statusCode,
    401,
  )
  assert.equal(
    (await callHome('w3', '10.0.0.53', { authorization: `Bearer ${READER}` })).statusCode,
    403,
  )
  assert.equal((await get('/api/machines')).json().length, 2)
  assert.doesNotMatch(await readState('inventory.yaml'), /10\.0\.0\.99|w3/)

  const open = await app.inject({
    method: 'POST',
    url: '/api/enrolment',
    headers: bearer,
    payload: { minutes: 5, machine: 'W4' },
  })
  assert.equal(open.json().machine, 'w4')
  assert.equal((await callHome('w5', '10.0.0.55')).statusCode, 401)
  assert.equal((await callHome('w4', '10.0.0.54')).statusCode, 202)
  const closed = await app.inject({
    method: 'POST',
    url: '/api/enrolment',
    headers: bearer,
    payload: { minutes: 0 },
  })
  assert.deepEqual(closed.json(), { open: false, until: null, machine: null })
  for (const payload of [{}, { minutes: -1 }, { minutes: 'x' }, { minutes: 1, machine: '*' }])
    assert.equal(
      (await app.inject({ method: 'POST', url: '/api/enrolment', headers: bearer, payload }))
        .statusCode,
      422,
    )
})

test('in the window a known machine may move; its old address goes to the history', async (t) => {
  const bin = await FakeAnsible(await temporaryFolder(t))
  const { callHome, get, ended, readState } = await openService(t, {
    config: { path: `${bin}:${process.env.PATH}` },
  })
  await callHome('w1', '10.0.0.51')
  await ended('w1')
  assert.equal((await callHome('w1', '10.0.0.61')).statusCode, 202)
  await ended('w1')
  const machine = (await get('/api/machines/w1')).json()
  assert.equal(machine.ip_address, '10.0.0.61')
  assert.deepEqual(machine.previous_addresses, ['10.0.0.51'])
  assert.equal(machine.state, 'ready')
  assert.match(await readState('inventory.yaml'), /w1:\n +ansible_host: 10\.0\.0\.61\n$/)
})

test('a repeat after success is acknowledged without a second run; a person may run again', async (t) => {
  const folder = await temporaryFolder(t)
  const bin = await FakeAnsible(folder)
  const { app, callHome, get, ended } = await openService(t, {
    config: { path: `${bin}:${process.env.PATH}` },
  })
  await callHome('w1', '10.0.0.51')
  assert.equal((await ended('w1')).state, 'success')
  assert.equal((await callHome('w1', '10.0.0.51')).statusCode, 202)
  assert.equal((await get('/api/jobs')).json().length, 1)

  const again = await app.inject({
    method: 'POST',
    url: '/api/machines/w1/provision',
    headers: bearer,
  })
  assert.equal(again.statusCode, 202)
  assert.equal((await get(`/api/jobs/${again.json().job_id}`)).statusCode, 200)
  await ended('w1')
  assert.equal((await readFile(`${folder}/runs`, 'utf8')).trim().split('\n').length, 2)
})

test('keys and scopes on every other route', async (t) => {
  const { app, get } = await openService(t, { hold: true })
  const reads = [
    '/api/provisioning/status',
    '/api/provisioning/status/w1',
    '/api/machines',
    '/api/machines/w1',
    '/api/jobs',
    '/api/jobs/x',
    '/api/jobs/x/log',
    '/api/enrolment',
  ]
  for (const url of reads) {
    assert.deepEqual((await app.inject({ url })).json(), { detail: 'Missing API Key' }, url)
    assert.ok([200, 404].includes((await get(url, READER)).statusCode), url)
  }
  const malformed = await app.inject({ url: '/api/jobs', headers: { authorization: KEY } })
  assert.deepEqual(malformed.json(), {
    detail: "Invalid authorization header format. Expected 'Bearer <key>'",
  })
  for (const url of ['/api/machines/w1/provision', '/api/enrolment'])
    assert.equal(
      (
        await app.inject({
          method: 'POST',
          url,
          headers: { authorization: `Bearer ${READER}` },
          payload: { minutes: 1 },
        })
      ).statusCode,
      403,
    )
  assert.deepEqual((await app.inject({ url: '/health' })).json(), { status: 'ok' })
})

test('wrong keys and calls without a key are limited per source', async (t) => {
  const { callHome, get } = await openService(t, { hold: true })
  for (let i = 0; i < 30; i += 1) assert.equal((await callHome('all', '10.0.0.1')).statusCode, 422)
  const limited = await callHome('w1', '10.0.0.51')
  assert.equal(limited.statusCode, 429)
  assert.ok(Number(limited.headers['retry-after']) > 0)
  assert.equal((await callHome('w1', '10.0.0.51', bearer)).statusCode, 202)
  for (let i = 0; i < 10; i += 1) assert.equal((await get('/api/jobs', 'wrong')).statusCode, 401)
  assert.equal((await get('/api/jobs')).statusCode, 429)
})
