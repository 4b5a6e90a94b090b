import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { stateFiles } from '@muster/base/state.ts'
import { forgetRunning, rememberRunning, runningUp, type UpLine } from './running.ts'

async function line(context: TestContext): Promise<UpLine> {
  const state = await mkdtemp(path.join(tmpdir(), 'muster-running-'))
  context.after(() => rm(state, { recursive: true, force: true }))
  const url = 'http://127.0.0.1:8000'
  return {
    missionControl: `${url}/`,
    provisioningApi: 'http://127.0.0.1:8001',
    agentApp: url,
    openai: `${url}/v1`,
    apiKey: 'the-secret-key',
    state,
  }
}
const fileOf = (state: string) => path.join(stateFiles(state).run, 'up.json')

test('a live up is found with what it said, and its key is not in the file', async (context) => {
  const up = await line(context)
  await rememberRunning(up, true)
  const running = await runningUp(up.state)
  assert.equal(running?.pid, process.pid)
  assert.equal(running?.agentApp, up.agentApp)
  assert.equal(running?.cluster, true)
  assert.ok(!(await readFile(fileOf(up.state), 'utf8')).includes(up.apiKey))
})

test('a process that has the pid of a dead up is not taken for it', async (context) => {
  const up = await line(context)
  await rememberRunning(up, false)
  const kept = JSON.parse(await readFile(fileOf(up.state), 'utf8'))
  await writeFile(fileOf(up.state), JSON.stringify({ ...kept, started: '1' }))
  assert.equal(await runningUp(up.state), undefined)
})

test('a dead up is not found', async (context) => {
  const up = await line(context)
  await rememberRunning(up, false)
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  const kept = JSON.parse(await readFile(fileOf(up.state), 'utf8'))
  await writeFile(fileOf(up.state), JSON.stringify({ ...kept, pid: child.pid }))
  assert.equal(await runningUp(up.state), undefined)
})

test('nothing is found before the first start and after the last end', async (context) => {
  const up = await line(context)
  assert.equal(await runningUp(up.state), undefined)
  await rememberRunning(up, false)
  await forgetRunning(up.state)
  assert.equal(await runningUp(up.state), undefined)
})

test('a file of another shape counts as none', async (context) => {
  const { state } = await line(context)
  await mkdir(stateFiles(state).run)
  await writeFile(fileOf(state), '{"pid":1}')
  assert.equal(await runningUp(state), undefined)
})
