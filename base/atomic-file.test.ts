import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { isThere, privateFolder, publishFile, replaceFile } from './atomic-file.ts'

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-file-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8)

test('a file is made, replaced whole, and private', async (context) => {
  const folder = await temporary(context)
  const file = path.join(folder, 'a')
  await replaceFile(file, 'a longer first text')
  await replaceFile(file, 'second')
  assert.equal(await readFile(file, 'utf8'), 'second')
  assert.equal(await modeOf(file), '600')
  await replaceFile(file, new Uint8Array([1, 2]), 0o644)
  assert.deepEqual([...(await readFile(file))], [1, 2])
  assert.equal(await modeOf(file), '644')
  assert.deepEqual(await readdir(folder), ['a'])
})

test('a failure leaves the old file and no draft', async (context) => {
  const folder = await temporary(context)
  await mkdir(path.join(folder, 'taken'))
  await writeFile(path.join(folder, 'taken/by'), 'a folder that is not empty')
  await assert.rejects(replaceFile(path.join(folder, 'taken'), 'new'))
  assert.deepEqual(await readdir(folder), ['taken'])
  await assert.rejects(replaceFile(path.join(folder, 'nowhere/file'), 'new'), { code: 'ENOENT' })
})

test('a private folder is entered by its owner only', async (context) => {
  const folder = path.join(await temporary(context), 'deep/er')
  assert.equal(await privateFolder(folder), folder)
  assert.equal(await modeOf(folder), '700')
  await privateFolder(folder)
})

test('writers at the same time leave one whole text', async (context) => {
  const file = path.join(await temporary(context), 'shared')
  const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(5_000))
  await Promise.all(texts.map((text) => replaceFile(file, text)))
  assert.ok(texts.includes(await readFile(file, 'utf8')))
})

test('kill -9 at any moment never leaves half a file', async (context) => {
  const file = path.join(await temporary(context), 'killed')
  const module = pathToFileURL(path.join(import.meta.dirname, 'atomic-file.ts')).href
  const writer = `
    import { replaceFile } from ${JSON.stringify(module)}
    for (let round = 0; ; round++) {
      await replaceFile(process.argv[1], String.fromCharCode(97 + (round % 26)).repeat(300_000))
      if (round === 0) process.stdout.write('written')
    }`
  for (let kill = 0; kill < 8; kill++) {
    const args = ['--input-type=module', '-e', writer, file]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    // Another offset into the write each time.
    for (let spins = 0; spins < kill * 3; spins++) await new Promise(setImmediate)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    const text = await readFile(file, 'utf8')
    assert.equal(text.length, 300_000)
    assert.equal(text, text[0]!.repeat(300_000))
  }
})

test('a finished draft gets its name; without a draft the old file stays', async (context) => {
  const folder = await temporary(context)
  const file = path.join(folder, 'archive')
  const draft = `${file}.draft`
  await writeFile(draft, 'first')
  await publishFile(draft, file)
  assert.equal(await readFile(file, 'utf8'), 'first')
  assert.equal(await isThere(draft), false)
  await assert.rejects(publishFile(draft, file), { code: 'ENOENT' })
  assert.equal(await readFile(file, 'utf8'), 'first')
})
