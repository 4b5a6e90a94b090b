import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/harness.ts'
import { JobLog, readPiece, readTail } from './job-log.ts'
import { LineSplitter } from './lines.ts'
import { longStringsIn, redactor } from './redact.ts'

test('pieces never cut a character and join to the whole', async (t) => {
  const file = path.join(await temporaryFolder(t), 'log')
  const whole = 'aé€😀'.repeat(50)
  await writeFile(file, whole)
  let text = ''
  let from = 0
  for (;;) {
    const piece = await readPiece(file, from, 7)
    assert.doesNotMatch(piece.text, /\uFFFD/)
    if (piece.next === from) break
    text += piece.text
    from = piece.next
  }
  assert.equal(text, whole)
  assert.deepEqual(await readPiece(file, 1_000_000), { text: '', next: from, size: from })
})

test('a character that is still being written waits for the next piece', async (t) => {
  const file = path.join(await temporaryFolder(t), 'log')
  await writeFile(file, Buffer.from('ok\u20ac').subarray(0, 4))
  const first = await readPiece(file, 0)
  assert.equal(first.text, 'ok')
  await appendFile(file, Buffer.from('\u20ac').subarray(2))
  assert.equal((await readPiece(file, first.next)).text, '\u20ac')
})

test('a log that does not exist is empty', async (t) => {
  const file = path.join(await temporaryFolder(t), 'none')
  assert.deepEqual(await readPiece(file, 0), { text: '', next: 0, size: 0 })
  assert.equal(await readTail(file), '')
})

test('the tail says when it was cut', async (t) => {
  const file = path.join(await temporaryFolder(t), 'log')
  await writeFile(file, '€'.repeat(100))
  const tail = await readTail(file, 100)
  assert.match(tail, /^\[cut: the last 100 of 300 bytes.*\]\n€+$/)
  assert.equal(await readTail(file, 300), '€'.repeat(100))
})

test('a log is bounded and says so once', async (t) => {
  const file = path.join(await temporaryFolder(t), 'log')
  const log = new JobLog(file, 50)
  for (let i = 0; i < 20; i += 1) log.append('0123456789')
  log.close()
  const lines = (await readPiece(file, 0)).text.trim().split('\n')
  assert.equal(lines.length, 5)
  assert.match(lines[4] ?? '', /reached 50 bytes/)
})

test('secrets and terminal escapes never reach the log', async (t) => {
  const file = path.join(await temporaryFolder(t), 'log')
  const pem = '-----BEGIN KEY-----\nMHcCAQEEIBVvQm9yZWQgc2VjcmV0\n-----END KEY-----\n'
  const log = new JobLog(file)
  log.redactWith(
    redactor(longStringsIn({ a: [{ pem }], token: '"quoted"-secret-of-many-characters' })),
  )
  log.append(`\x1b[31m{"key": ${JSON.stringify(pem)}}\x1b[0m\x07`)
  log.append(`{"t": ${JSON.stringify('"quoted"-secret-of-many-characters')}}`)
  log.close()
  const { text } = await readPiece(file, 0)
  assert.doesNotMatch(text, /MHcCAQ|secret-of-many|\x1b|\x07/)
  assert.match(text, /\[redacted\]/)
})

test('lines are split across chunks, and a line without end is cut', () => {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  const euro = Buffer.from('a€\nb')
  splitter.push(euro.subarray(0, 2))
  splitter.push(euro.subarray(2))
  for (let i = 0; i < 20; i += 1) splitter.push(Buffer.alloc(10_000, 'x'))
  splitter.push(Buffer.from('\nlast'))
  splitter.end()
  assert.equal(lines.length, 3)
  assert.equal(lines[0], 'a€')
  assert.match(lines[1] ?? '', /^bx{65535} \[line cut\]$/)
  assert.equal(lines[2], 'last')
})
