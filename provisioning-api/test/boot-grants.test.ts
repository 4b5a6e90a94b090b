import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootLab, grantIn, kindOf, MINUTE, sampleDisk, sampleFacts } from './boot-lab.ts'

const NOBODYS = '00112233445566778899aabbccddeeff'

test('a plan is lines of printable ASCII whatever the firmware says', async (t) => {
  const { accepted, granted, post } = await bootLab(t)
  await accepted()
  const disk = sampleDisk({ blank: false, contents: 'a\naction=install\r\ndisk=sda \u2603' })
  const { body } = await post('facts', {
    grant: await granted(),
    facts: sampleFacts({ disks: [disk] }),
  })
  assert.match(body, /^[\x20-\x7e\n]+$/)
  assert.deepEqual(
    body
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]),
    ['action', 'reason'],
  )
})

test('facts of a machine without the cards that the grant was made for are refused', async (t) => {
  const { accepted, granted, post, machine } = await bootLab(t)
  await accepted()
  const nics = [{ name: 'e', mac: '52:54:00:00:00:77', driver: '', link: true, mbps: null }]
  const answer = await post('facts', { grant: await granted(), facts: sampleFacts({ nics }) })
  assert.equal(answer.statusCode, 403)
  assert.equal(answer.json().why, 'other-machine')
  assert.equal((await machine('w1')).state, 'accepted')
})

test('facts that cannot be read do not use the grant up', async (t) => {
  const { accepted, granted, post } = await bootLab(t)
  await accepted()
  const grant = await granted()
  assert.equal((await post('facts', { grant, facts: {} })).statusCode, 422)
  assert.equal((await post('facts', { grant: 'x', facts: sampleFacts() })).statusCode, 422)
  const bad = sampleFacts({ disks: [sampleDisk({ id: "serial:x'; id" })] })
  assert.equal((await post('facts', { grant, facts: bad })).statusCode, 422)
  assert.equal((await post('facts', { grant, facts: sampleFacts() })).statusCode, 200)
})

test('each artefact opens once per grant; a replayed grant is refused', async (t) => {
  const { installing, post, get } = await bootLab(t)
  const grant = await installing()
  const uses = [
    () => post('facts', { grant, facts: sampleFacts() }),
    () => post('identity', { grant }),
    () => get(`identity/${grant}`),
  ]
  assert.equal((await post('identity', { grant })).statusCode, 200)
  for (const use of uses) {
    const again = await use()
    assert.equal(again.statusCode, 403)
    assert.deepEqual([again.json().why, typeof again.json().detail], ['used', 'string'])
  }
})

test('each artefact of the Debian installer opens once per grant, too', async (t) => {
  const { installing, ask, get } = await bootLab(t)
  await installing({ mode: 'package' })
  const script = (await ask()).body
  assert.equal(kindOf(script), 'installer')
  const grant = grantIn(script)
  for (const artefact of ['preseed', 'partman', 'late', 'identity']) {
    const first = await get(`${artefact}/${grant}`)
    assert.equal(first.statusCode, 200, `${artefact}: ${first.body}`)
    assert.equal((await get(`${artefact}/${grant}`)).json().why, 'used', artefact)
  }
})

test('asking for the head of an artefact does not use it up', async (t) => {
  const { installing, app, get } = await bootLab(t)
  const grant = await installing()
  await app.inject({ method: 'HEAD', url: `/boot/identity/${grant}` })
  assert.equal((await get(`identity/${grant}`)).statusCode, 200)
})

test('a grant that nobody made, and one that is no grant, are refused everywhere', async (t) => {
  const { post, get } = await bootLab(t)
  for (const grant of [NOBODYS, 'x', '..%2f..', `${NOBODYS}0`])
    for (const url of ['preseed', 'partman', 'late', 'identity', 'installed'])
      assert.equal((await get(`${url}/${grant}`)).statusCode, 403, `${url}/${grant}`)
  assert.equal((await get(`beacon/${NOBODYS}/late`)).statusCode, 403)
  assert.equal((await get(`beacon/${NOBODYS}/nonsense`)).statusCode, 422)
  const grant = NOBODYS
  assert.equal((await post('facts', { grant, facts: sampleFacts() })).statusCode, 403)
  assert.equal((await post('progress', { grant, stage: 'write' })).statusCode, 403)
  assert.equal((await post('identity', { grant })).statusCode, 403)
  assert.equal((await post('installed', { grant })).statusCode, 403)
  assert.equal((await post('failed', { grant, reason: 'x' })).statusCode, 403)
})

test('a grant ends 60 minutes after the last sign of life, and each sign prolongs it', async (t) => {
  const { installing, post, get, clock } = await bootLab(t)
  const grant = await installing()
  for (let i = 0; i < 3; i += 1) {
    clock.now += 59 * MINUTE
    const beacon =
      i === 1 ? get(`beacon/${grant}/write`) : post('progress', { grant, stage: 'write' })
    assert.equal((await beacon).statusCode, 204)
  }
  clock.now += 60 * MINUTE
  assert.equal((await post('identity', { grant })).json().why, 'expired')
})

test('the first use of a fresh grant revokes the older ones; asking alone does not', async (t) => {
  const { accepted, granted, post } = await bootLab(t)
  await accepted()
  const [older, newer] = [await granted(), await granted()]
  assert.equal((await post('progress', { grant: older, stage: 'inspect' })).statusCode, 204)
  assert.equal((await post('facts', { grant: newer, facts: sampleFacts() })).statusCode, 200)
  assert.equal((await post('facts', { grant: older, facts: sampleFacts() })).json().why, 'revoked')
})

test('the preseed, too, revokes the grants of older boots', async (t) => {
  const { installing, ask, get } = await bootLab(t)
  await installing({ mode: 'package' })
  const [older, newer] = [grantIn((await ask()).body), grantIn((await ask()).body)]
  assert.equal((await get(`preseed/${newer}`)).statusCode, 200)
  assert.equal((await get(`preseed/${older}`)).json().why, 'revoked')
  assert.equal((await get(`beacon/${older}/partman`)).statusCode, 403)
})

test('after a power cut the machine boots the live system again, with a fresh grant and its half-written disk', async (t) => {
  const { installing, granted, post, machine } = await bootLab(t)
  const first = await installing()
  await post('identity', { grant: first })
  const second = await granted()
  assert.notEqual(second, first)
  const written = sampleDisk({ blank: false, contents: 'half of an image' })
  const { body } = await post('facts', { grant: second, facts: sampleFacts({ disks: [written] }) })
  assert.match(body, /^action=install$/m)
  assert.equal((await post('installed', { grant: first })).json().why, 'revoked')
  assert.equal((await post('identity', { grant: second })).statusCode, 200)
  assert.equal((await post('installed', { grant: second })).statusCode, 200)
  assert.equal((await machine('w1')).state, 'installed')
})

test('installed consumes the grant; a machine that lost the answer is heard again', async (t) => {
  const { installing, post, get, machine, act } = await bootLab(t)
  const grant = await installing()
  const answer = await post('installed', { grant })
  assert.deepEqual([answer.statusCode, answer.body], [200, 'ok\n'])
  assert.equal((await get(`installed/${grant}`)).statusCode, 200)
  assert.equal((await post('identity', { grant })).statusCode, 403)
  await act('w1', 'reinstall', { erase: true })
  assert.equal((await post('installed', { grant })).statusCode, 403, 'not after that')
  assert.equal((await machine('w1')).state, 'reinstall')
})

test('nothing of an installation is handed out before the hardware was found fit', async (t) => {
  const { accepted, granted, post, get, machine } = await bootLab(t)
  await accepted()
  const grant = await granted()
  assert.equal((await post('identity', { grant })).statusCode, 409)
  assert.equal((await get(`preseed/${grant}`)).statusCode, 409)
  assert.equal((await post('installed', { grant })).statusCode, 409)
  assert.equal((await machine('w1')).state, 'accepted')
})
