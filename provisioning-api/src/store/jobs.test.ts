import assert from 'node:assert/strict'
import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { atEnd, temporaryFolder } from '../../test/harness.ts'
import { openDatabase } from './database.ts'
import { JobStore } from './jobs.ts'
import { MachineStore } from './machines.ts'

async function store(t: TestContext): Promise<DatabaseSync> {
  const database = openDatabase(path.join(await temporaryFolder(t), 'db'))
  atEnd(t, () => database.close())
  return database
}

function accepted(jobs: JobStore, machine: string): string {
  const id = jobs.reserve(machine, '10.0.0.1')
  assert.ok(id)
  jobs.accept(id)
  jobs.release(id)
  return id
}

test('a reservation holds the place but is not a job yet', async (t) => {
  const jobs = new JobStore(await store(t))
  const id = jobs.reserve('w1', '10.0.0.1')
  assert.ok(id)
  assert.equal(jobs.reserve('w1', '10.0.0.1'), undefined)
  assert.equal(jobs.takeNext(), undefined)
  assert.deepEqual([jobs.get(id), jobs.latest(), jobs.list()], [undefined, [], []])
  jobs.release(id)
  assert.ok(jobs.reserve('w1', '10.0.0.1'))
})

test('a reservation of a dead server is dropped, at the start or by the next one', async (t) => {
  const database = await store(t)
  new JobStore(database).reserve('w1', '10.0.0.1')
  const jobs = new JobStore(database)
  assert.ok(jobs.reserve('w1', '10.0.0.1'))
  const next = new JobStore(database)
  next.dropUnaccepted()
  assert.equal(next.takeNext(), undefined)
})

test('oldest first; one active job a machine until it ended', async (t) => {
  const jobs = new JobStore(await store(t))
  const [first, second] = [accepted(jobs, 'w2'), accepted(jobs, 'w1')]
  assert.equal(jobs.takeNext()?.id, first)
  assert.equal(jobs.reserve('w2', '10.0.0.1'), undefined)
  jobs.end(first, 'failed', 'because')
  assert.ok(accepted(jobs, 'w2'))
  assert.equal(jobs.takeNext()?.id, second)
  assert.deepEqual(
    jobs.list().map(({ machine }) => machine),
    ['w2', 'w1', 'w2'],
  )
})

test('after a restart each interrupted machine is queued once', async (t) => {
  const jobs = new JobStore(await store(t))
  const id = accepted(jobs, 'w1')
  jobs.takeNext()
  jobs.setProcess(id, { pid: 4711, start: '99' })
  accepted(jobs, 'w2')
  assert.deepEqual(jobs.recordedProcesses(), [{ pid: 4711, start: '99' }])
  assert.equal(jobs.requeueInterrupted().length, 1)
  assert.equal(jobs.requeueInterrupted().length, 0)
  assert.equal(jobs.get(id)?.state, 'interrupted')
  assert.equal(jobs.latestOf('w1')?.state, 'queued')
  assert.deepEqual(jobs.recordedProcesses(), [])
})

test('the history of addresses is bounded and oldest first', async (t) => {
  const machines = new MachineStore(await store(t))
  for (let i = 1; i <= 30; i += 1) machines.record('w1', `10.0.0.${i}`)
  machines.record('w1', '10.0.0.30')
  const history = machines.get('w1')?.previous_addresses ?? []
  assert.deepEqual([history.length, history[0], history.at(-1)], [20, '10.0.0.10', '10.0.0.29'])
})
