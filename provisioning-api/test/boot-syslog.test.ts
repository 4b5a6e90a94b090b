import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { bootLab } from './boot-lab.ts'
import { atEnd, until } from './harness.ts'

test('the log of the Debian installer is kept with the machine whose grant its address used', async (t) => {
  const { syslog, installing, getApi } = await bootLab(t)
  await syslog.listen(0, '127.0.0.1')
  const socket = createSocket('udp4')
  atEnd(t, () => socket.close())
  const say = (text: string) =>
    new Promise((resolve) => socket.send(text, syslog.port, '127.0.0.1', resolve))
  await say('<30>nobody knows this address yet')
  const grant = await installing()
  await say(`<30>Nov 21 10:00:00 debootstrap: url=/boot/preseed/${grant}`)
  const log = async () => (await getApi('/api/machines/w1/boot-log')).json().text as string
  await until('the line', async () => (await log()).includes('debootstrap'))
  assert.match(await log(), /Z Nov 21 10:00:00 debootstrap: url=\/boot\/preseed\/\[redacted\]\n/)
  assert.doesNotMatch(await log(), /nobody knows/)
})

test('a port that is taken costs the log of the installer, not the server', async (t) => {
  const taken = createSocket('udp4')
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  atEnd(t, () => taken.close())
  const { syslog, app } = await bootLab(t)
  await syslog.listen(taken.address().port, '127.0.0.1')
  assert.equal((await app.inject({ url: '/health' })).statusCode, 200)
})
