import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from './config.ts'

test('nothing set gives the defaults, closed', () => {
  const config = readConfig({})
  assert.deepEqual([config.host, config.port, config.enrolMinutes], ['127.0.0.1', 8001, 0])
  assert.deepEqual([config.maxRuns, config.jobMinutes, config.keys.length], [2, 30, 0])
  assert.equal(config.allowLoopback, false)
  assert.deepEqual([config.syslogPort, config.debianMirror], [5514, null])
  assert.match(config.playbook, /\/ansible\/playbook\.yaml$/)
})

test('an empty variable counts as not set', () => {
  assert.equal(readConfig({ MUSTER_PROVISIONING_PORT: '' }).port, 8001)
})

test('a bad value is named', () => {
  assert.throws(
    () => readConfig({ MUSTER_PROVISIONING_PORT: 'eighty' }),
    /MUSTER_PROVISIONING_PORT is "eighty"/,
  )
  assert.throws(() => readConfig({ MUSTER_MAX_RUNS: '0' }), /MUSTER_MAX_RUNS/)
  assert.throws(() => readConfig({ MUSTER_ALLOW_LOOPBACK: 'yes' }), /MUSTER_ALLOW_LOOPBACK/)
  for (const mirror of ['ftp://mirror/debian', 'mirror', 'http://mirror/ä b'])
    assert.throws(() => readConfig({ MUSTER_DEBIAN_MIRROR: mirror }), /MUSTER_DEBIAN_MIRROR/)
  assert.throws(() => readConfig({ PIECAT_API_KEYS: 'plain-key' }), /API key 1/)
})
