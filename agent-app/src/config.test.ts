import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestOf } from '@muster/base/api-keys.ts'
import { readConfig, removeSecrets } from './config.ts'

describe('configuration', () => {
  it('has defaults, and treats empty as unset', () => {
    const config = readConfig({
      MUSTER_STATE: '/s',
      MUSTER_AGENT_PORT: '',
      CONSUL_HTTP_ADDR: 'c:1',
    })
    assert.equal(config.MUSTER_AGENT_PORT, 8000)
    assert.equal(config.MUSTER_AGENT_HOST, '127.0.0.1')
    assert.equal(config.CONSUL_HTTP_ADDR, 'http://c:1')
    assert.equal(config.state, '/s')
    assert.match(config.model, /models\/tool-caller\.gguf$/)
    assert.deepEqual(config.keys, [])
  })

  it('reads keys and lists', () => {
    const config = readConfig({
      PIECAT_API_KEYS: `${digestOf('a')}:up:read+chat`,
      MUSTER_ALLOWED_HOSTS: 'one:8000, two',
    })
    assert.equal(config.keySource, 'PIECAT_API_KEYS')
    assert.equal(config.keys[0]?.id, 'up')
    assert.deepEqual(config.MUSTER_ALLOWED_HOSTS, ['one:8000', 'two'])
  })

  it('names the variable of a bad value', () => {
    assert.throws(() => readConfig({ MUSTER_AGENT_PORT: 'x' }), /^Error: MUSTER_AGENT_PORT /)
    assert.throws(() => readConfig({ MUSTER_PROVISIONING_URL: 'no' }), /MUSTER_PROVISIONING_URL/)
    assert.throws(() => readConfig({ PIPECAT_API_KEYS: 'plain' }), /not a SHA-256/)
  })

  it('takes the secrets out of the environment', () => {
    const env = { CONSUL_HTTP_TOKEN: 't', MUSTER_PROVISIONING_KEY: 'k', PATH: '/bin' }
    removeSecrets(env)
    assert.deepEqual(env, { PATH: '/bin' })
  })
})
