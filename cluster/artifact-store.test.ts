import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { stateFiles } from '@muster/base/state.ts'
import { execa } from 'execa'
import { addModel, fillStore, readManifest } from './artifact-store.ts'
import { ClusterSettings } from './layout.ts'
import { sha256Of } from './sha256.ts'

async function place(context: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-store-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const at = (...parts: string[]) => path.join(folder, ...parts)
  await mkdir(at('llama/bin'), { recursive: true })
  await writeFile(at('consul-1'), 'program consul', { mode: 0o755 })
  await writeFile(at('nomad-1'), 'program nomad', { mode: 0o755 })
  await writeFile(at('llama/bin/server'), 'program llama', { mode: 0o755 })
  await writeFile(at('tiny.gguf'), 'weights')
  const state = at('state')
  const settings = ClusterSettings.parse({
    address: '127.0.0.1',
    interface: 'lo',
    artifactsUrl: 'http://127.0.0.1:8001/artifacts',
    consulBinary: at('consul-1'),
    nomadBinary: at('nomad-1'),
    llamaRoot: at('llama'),
    exec: true,
    expert: {
      name: 'general',
      model: await addModel(state, at('tiny.gguf')),
      quantisation: 'unknown',
      memory: 256,
      context: 512,
    },
  })
  return { at, state, settings }
}

test('what is packed unpacks to the same files, under the names machines expect', async (context) => {
  const { at, state, settings } = await place(context)
  const manifest = await fillStore({ state, settings, say: () => {} })
  assert.deepEqual(await readManifest(state), manifest)
  const store = stateFiles(state).artifacts
  for (const artifact of [manifest.consul, manifest.nomad, manifest.llama, ...manifest.models])
    assert.equal(await sha256Of(path.join(store, artifact.file)), artifact.sha256)
  const out = at('out')
  await mkdir(out)
  for (const { file } of [manifest.consul, manifest.nomad, manifest.llama])
    await execa('tar', ['-xzf', path.join(store, file), '-C', out])
  assert.equal(await readFile(path.join(out, 'consul'), 'utf8'), 'program consul')
  assert.equal(await readFile(path.join(out, 'nomad'), 'utf8'), 'program nomad')
  assert.equal(await readFile(path.join(out, 'bin/server'), 'utf8'), 'program llama')
  assert.equal((await stat(path.join(out, 'consul'))).mode & 0o111, 0o111)
})

test('a second fill packs nothing and gives the same manifest', async (context) => {
  const { state, settings } = await place(context)
  const said: string[] = []
  const fill = () => fillStore({ state, settings, say: (line) => said.push(line) })
  const first = await fill()
  assert.equal(said.length, 3)
  assert.deepEqual(await fill(), first)
  assert.equal(said.length, 3)
})

test('a model is copied again only when it differs', async (context) => {
  const { at, state } = await place(context)
  const kept = path.join(stateFiles(state).artifacts, 'models/tiny.gguf')
  const before = await stat(kept)
  assert.equal(await addModel(state, at('tiny.gguf')), 'tiny.gguf')
  assert.equal((await stat(kept)).ino, before.ino)
  await writeFile(at('tiny.gguf'), 'other weights')
  await addModel(state, at('tiny.gguf'))
  assert.equal(await readFile(kept, 'utf8'), 'other weights')
})

test('a store that was never filled says what to do', async (context) => {
  const { at } = await place(context)
  await assert.rejects(readManifest(at('nowhere')), /npm run up/)
})
