import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { identify } from '@muster/base/process-id.ts'
import { stateFiles } from '@muster/base/state.ts'
import { eventually } from '@muster/cluster/eventually.ts'
import { Child } from './child.ts'

const until = <T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> =>
  eventually(probe, { what, signal: new AbortController().signal, timeoutMs: 15_000, everyMs: 20 })

const POLITE = `
  process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0) })
  setInterval(() => {}, 1000); console.log('runs')`
const STUBBORN = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('runs')`

async function temporary(context: TestContext): Promise<string> {
  const state = await mkdtemp(path.join(tmpdir(), 'muster-child-'))
  context.after(() => rm(state, { recursive: true, force: true }))
  await mkdir(stateFiles(state).run)
  return state
}

async function start(context: TestContext, script: string) {
  const state = await temporary(context)
  const said: string[] = []
  const child = new Child({
    name: 'kept',
    command: process.execPath,
    args: ['-e', script],
    env: { PATH: process.env.PATH ?? '' },
    state,
    onRestart: (line) => said.push(line),
  })
  context.after(() => child.stop(0))
  const log = () => readFile(stateFiles(state).log('kept'), 'utf8').catch(() => '')
  child.start()
  return { child, state, said, log }
}

/** The pid in the file, once it is there and not that of an earlier run. */
const pidOf = (state: string, before = 0): Promise<number> =>
  until('a pid file', async () => {
    const pid = Number(await readFile(stateFiles(state).pid('kept'), 'utf8'))
    return pid !== before && pid
  })

const isAlive = async (pid: number): Promise<boolean> => identify(pid) !== undefined

test('it runs, and stop asks it, waits and takes its pid file away', async (context) => {
  const { child, state, log, said } = await start(context, POLITE)
  await until('it runs', async () => (await log()).includes('runs'))
  const pid = await pidOf(state)
  assert.equal(child.running, true)
  await child.stop()
  assert.equal(child.running, false)
  assert.equal(await isAlive(pid), false)
  assert.match(await log(), /asked to end/)
  await assert.rejects(access(stateFiles(state).pid('kept')), { code: 'ENOENT' })
  assert.deepEqual(said, [])
})

test('what does not listen is killed after the patience', async (context) => {
  const { child, state, log } = await start(context, STUBBORN)
  await until('it runs', async () => (await log()).includes('runs'))
  const pid = await pidOf(state)
  await child.stop(50)
  assert.equal(await isAlive(pid), false)
})

test('what dies is started again, and a person is told where its log is', async (context) => {
  const { state, log, said } = await start(context, POLITE)
  await until('it runs', async () => (await log()).includes('runs'))
  const first = await pidOf(state)
  process.kill(first, 'SIGKILL')
  const second = await pidOf(state, first)
  assert.equal(await isAlive(second), true)
  await until('the new one runs', async () => (await log()).match(/runs/g)?.length === 2)
  assert.match(said[0]!, /kept ended \(SIGKILL\); starting it again in \d/)
  assert.ok(said[0]!.includes(stateFiles(state).log('kept')))
})

test('after stop it stays down', async (context) => {
  const { child, state, log } = await start(context, `console.log('ends'); process.exit(3)`)
  await until('it ended once', async () => (await log()).includes('ends'))
  await child.stop()
  const ends = (await log()).length
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  assert.equal((await log()).length, ends)
  await assert.rejects(access(stateFiles(state).pid('kept')), { code: 'ENOENT' })
})

test('restart ends the old one first', async (context) => {
  const { child, state, log } = await start(context, POLITE)
  await until('it runs', async () => (await log()).includes('runs'))
  const first = await pidOf(state)
  await child.restart()
  const second = await pidOf(state, first)
  assert.equal(await isAlive(first), false)
  assert.equal(await isAlive(second), true)
})

test('the kernel ends it when its keeper is killed', async (context) => {
  const state = await temporary(context)
  const keeper = keep(state)
  context.after(() => keeper.kill('SIGKILL'))
  const pid = await pidOf(state)
  const gone = once(keeper, 'exit')
  keeper.kill('SIGKILL')
  await gone
  await until('the child is gone too', async () => !(await isAlive(pid)))
})

function keep(state: string): ChildProcess {
  const module = pathToFileURL(path.join(import.meta.dirname, 'child.ts')).href
  const script = `
    import { Child } from ${JSON.stringify(module)}
    new Child({
      name: 'kept', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'],
      env: {}, state: process.argv[1], onRestart() {},
    }).start()`
  return spawn(process.execPath, ['--input-type=module', '-e', script, state], { stdio: 'inherit' })
}
