import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/harness.ts'
import { BootLogs, cleanLine } from './boot-log.ts'

const GRANT = '00112233445566778899aabbccddeeff'

test('a line shows no grant, no secret, no control characters, and no second line', () => {
  assert.equal(
    cleanLine(`url=http://a/boot/preseed/${GRANT}\n\u001b[31mred\u0000 ${GRANT}${GRANT}!`),
    'url=http://a/boot/preseed/[redacted] red [redacted]!',
  )
  assert.equal(cleanLine('x'.repeat(9000)).length, 2000)
})

test('a log is private, dated, and bounded: one file and the one before', async (t) => {
  const folder = await temporaryFolder(t)
  const logs = new BootLogs(folder, 1000)
  for (let i = 0; i < 100; i += 1) logs.append('m1', `line ${i}\n\nmore`, 0)
  assert.deepEqual((await readdir(folder)).sort(), ['m1.log', 'm1.log.old'])
  const text = await readFile(logs.file('m1'), 'utf8')
  assert.match(text, /^1970-01-01T00:00:00\.000Z line \d+\n/)
  assert.ok(text.endsWith('line 99\n1970-01-01T00:00:00.000Z more\n'))
  for (const name of ['m1.log', 'm1.log.old'])
    assert.ok((await stat(`${folder}/${name}`)).size < 1200)
  assert.equal((await stat(logs.file('m1'))).mode & 0o777, 0o600)
})

test('a disk that takes no line costs the line, not the answer', async (t) => {
  const logs = new BootLogs(await temporaryFolder(t))
  logs.append('no/such/folder', 'line')
})
