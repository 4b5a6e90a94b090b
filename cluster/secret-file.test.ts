import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { readIfThere, secretFile } from './secret-file.ts'

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-secret-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a secret is made once, private, in a private folder', async (context) => {
  const file = path.join(await temporary(context), 'tokens/one')
  let made = 0
  const make = () => `secret-${++made}\n`
  assert.equal(await secretFile(file, make), 'secret-1')
  assert.equal(await secretFile(file, make), 'secret-1')
  assert.equal(made, 1)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.equal((await stat(path.dirname(file))).mode & 0o777, 0o700)
})

test('it is on disk before anybody gets it', async (context) => {
  const file = path.join(await temporary(context), 'one')
  const secret = await secretFile(file, async () => 'made')
  assert.equal((await readFile(file, 'utf8')).trim(), secret)
})

test('a failure to make one leaves nothing', async (context) => {
  const file = path.join(await temporary(context), 'one')
  await assert.rejects(
    secretFile(file, () => Promise.reject(new Error('no binary'))),
    /no binary/,
  )
  assert.equal(await readIfThere(file), undefined)
})

test('an empty file counts as none', async (context) => {
  const file = path.join(await temporary(context), 'one')
  await secretFile(file, () => '')
  assert.equal(await secretFile(file, () => 'now'), 'now')
})

test('only a missing file is undefined: another failure is an error', async (context) => {
  const folder = path.join(await temporary(context), 'folder')
  await mkdir(folder)
  await assert.rejects(readIfThere(folder), { code: 'EISDIR' })
})
