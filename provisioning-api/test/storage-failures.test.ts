import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, rm, statfs, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import lockfile from 'proper-lockfile'
import { atEnd, openService, temporaryFolder } from './harness.ts'

type Service = Awaited<ReturnType<typeof openService>>

async function assertNothingAccepted(service: Service, inventory: string): Promise<void> {
  assert.deepEqual((await service.get('/api/jobs')).json(), [])
  assert.deepEqual((await service.get('/api/machines')).json(), [])
  assert.equal(await service.readState('inventory.yaml'), inventory)
  const database = new DatabaseSync(service.file('provisioning.db'))
  assert.equal(database.prepare('SELECT COUNT(*) AS count FROM jobs').get()?.count, 0)
  database.close()
}

const OTHER = 'all:\n  children:\n    worker_nodes:\n      hosts:\n        other:\n'

test('an inventory that is no YAML: 500, nothing accepted, the file untouched', async (t) => {
  const service = await openService(t, { hold: true })
  for (const text of ['all: [\n', '- 1\n', 'all:\n  children: 5\n']) {
    await writeFile(service.file('inventory.yaml'), text)
    const answer = await service.callHome('w1', '10.0.0.51')
    assert.equal(answer.statusCode, 500)
    assert.match(answer.json().detail, /could not be read as YAML/)
    await assertNothingAccepted(service, text)
  }
  await rm(service.file('inventory.yaml'))
  assert.equal((await service.callHome('w1', '10.0.0.51')).statusCode, 202)
})

test('a lock that another writer holds: 503 within the deadline, then the call works', async (t) => {
  const service = await openService(t, { hold: true, lock: { deadlineMs: 200 } })
  await writeFile(service.file('inventory.yaml'), OTHER)
  const release = await lockfile.lock(service.file('inventory.yaml'), { realpath: false })
  const answer = await service.callHome('w1', '10.0.0.51')
  assert.equal(answer.statusCode, 503)
  assert.match(answer.json().detail, /locked/)
  assert.equal((await service.app.inject({ url: '/health' })).statusCode, 200)
  await assertNothingAccepted(service, OTHER)
  await release()
  assert.equal((await service.callHome('w1', '10.0.0.51')).statusCode, 202)
})

test('the lock of a writer that was killed is taken over', async (t) => {
  const service = await openService(t, { hold: true })
  const lock = service.file('inventory.yaml.lock')
  await mkdir(lock)
  const past = new Date(Date.now() - 60_000)
  await utimes(lock, past, past)
  assert.equal((await service.callHome('w1', '10.0.0.51')).statusCode, 202)
})

function mountTiny(t: TestContext, folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=768k', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    t.skip('a tiny tmpfs cannot be mounted here (needs root)')
    return false
  }
  atEnd(t, () => execFileSync('umount', ['-l', folder]))
  return true
}

test('a disk that is full: 507, nothing accepted, and the same call works once there is space', async (t) => {
  const state = await temporaryFolder(t)
  const folder = path.join(state, 'provisioning')
  await mkdir(folder)
  if (!mountTiny(t, folder)) return
  const service = await openService(t, { state, hold: true })
  // A large inventory: the row still fits on the disk, the second copy of the file does not.
  const inventory = `${OTHER}# ${'x'.repeat(150_000)}\n`
  await writeFile(service.file('inventory.yaml'), inventory)
  await fill(service.file('ballast'), 0)
  assert.equal((await service.callHome('w1', '10.0.0.51')).statusCode, 507)
  await rm(service.file('ballast'))
  await fill(service.file('ballast'), 140_000)
  const answer = await service.callHome('w1', '10.0.0.51')
  assert.equal(answer.statusCode, 507)
  assert.match(answer.json().detail, /disk is full/)
  await assertNothingAccepted(service, inventory)
  await rm(service.file('ballast'))
  assert.equal((await service.callHome('w1', '10.0.0.51')).statusCode, 202)
})

/** Leaves `free` bytes at most. */
async function fill(file: string, free: number): Promise<void> {
  const { bavail, bsize } = await statfs(path.dirname(file))
  await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - free)))
}
