import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { FakeAnsible } from './fake-ansible.ts'
import { bearer, openService, temporaryFolder, until } from './harness.ts'

async function postTo(port: number, hostname: string, ip_address: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/ready-for-provisioning`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: JSON.stringify({ hostname, ip_address }),
  })
  await response.arrayBuffer()
  return response.status
}

async function listening(service: Awaited<ReturnType<typeof openService>>): Promise<number> {
  const address = await service.app.listen({ host: '127.0.0.1', port: 0 })
  return Number(new URL(address).port)
}

test('five simultaneous calls of one machine: one 202, four 409, one run', async (t) => {
  const folder = await temporaryFolder(t)
  const bin = await FakeAnsible(folder, `until [ -e '${folder}/go' ]; do sleep 0.02; done`)
  const service = await openService(t, { config: { path: `${bin}:${process.env.PATH}` } })
  const port = await listening(service)
  const statuses = await Promise.all([1, 2, 3, 4, 5].map(() => postTo(port, 'w1', '10.0.0.51')))
  assert.deepEqual(statuses.sort(), [202, 409, 409, 409, 409])
  await writeFile(`${folder}/go`, '')
  await service.ended('w1')
  assert.equal((await readFile(`${folder}/runs`, 'utf8')).trim().split('\n').length, 1)
})

test('twenty machines at once: all run, never more than allowed, the inventory always readable', async (t) => {
  const folder = await temporaryFolder(t)
  const bin = await FakeAnsible(
    folder,
    `echo + >> '${folder}/active'; sleep 0.05; echo - >> '${folder}/active'`,
  )
  const service = await openService(t, {
    config: { path: `${bin}:${process.env.PATH}`, maxRuns: 3 },
  })
  const port = await listening(service)
  const reading = { on: true, count: 0 }
  t.after(() => {
    reading.on = false
  })
  const reader = (async () => {
    while (reading.on) {
      const text = await readFile(service.file('inventory.yaml'), 'utf8').catch(() => undefined)
      if (text !== undefined) {
        assert.equal(typeof parse(text).all.children.worker_nodes.hosts, 'object')
        reading.count += 1
      }
      await sleep(5)
    }
  })()
  const names = Array.from({ length: 20 }, (_, index) => `w${index + 1}`)
  const statuses = await Promise.all(names.map((name, i) => postTo(port, name, `10.0.1.${i + 1}`)))
  assert.deepEqual(new Set(statuses), new Set([202]))
  const seen = (await service.get('/api/provisioning/status')).json()
  assert.equal(Object.keys(seen).length, 20)
  await until('twenty ready machines', async () => {
    const machines = (await service.get('/api/machines')).json() as { state: string }[]
    return machines.filter(({ state }) => state === 'ready').length === 20
  })
  reading.on = false
  await reader
  assert.ok(reading.count > 5)
  const hosts = parse(await service.readState('inventory.yaml')).all.children.worker_nodes.hosts
  assert.deepEqual(Object.keys(hosts).sort(), [...names].sort())
  const runs = (await readFile(`${folder}/runs`, 'utf8')).trim().split('\n')
  assert.equal(new Set(runs.map((line) => line.split(' ')[0])).size, 20)
  assert.equal(runs.length, 20)
  const marks = (await readFile(`${folder}/active`, 'utf8')).trim().split('\n')
  let active = 0
  const most = Math.max(...marks.map((mark) => (active += mark === '+' ? 1 : -1)))
  assert.ok(most <= 3 && most > 1, `${most} at once`)
})
