import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { execa } from 'execa'
import { z } from 'zod'
import { refusalText } from './api.ts'
import { readLine, UsageError } from './command.ts'
import { findPlace } from './place.ts'
import { follow } from './serve/follow.ts'
import { tableOf } from './table.ts'

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-cli-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const MUSTER = path.join(import.meta.dirname, '../muster.ts')
const muster = (args: readonly string[]) =>
  execa(process.execPath, [MUSTER, ...args], { reject: false })

for (const [line, code, says] of [
  ['', 2, /boot serve/],
  ['--help', 0, /boot serve/],
  ['boot serve --help', 0, /--mode proxy/],
  ['accept --help', 0, /--erase/],
  ['boot', 2, /doctor/],
  ['constructor', 2, /doctor/],
  ['doctor --wrong', 2, /--wrong/],
  ['boot serve', 2, /--interface/],
  ['boot serve --interface nowhere', 2, /no interface nowhere/],
  ['boot serve --interface lo --mode full', 2, /--range/],
  ['boot serve --address 10.0.0 --mode proxy', 2, /--address: takes an IPv4/],
  ['accept', 2, /expected NAME/],
  ['accept a b', 2, /expected NAME/],
  ['accept pc-1 --mode floppy', 2, /--mode/],
  ['accept pc-1 --disk sda', 2, /stable disk id/],
] as const)
  test(`muster ${line}: exit ${code}`, async () => {
    const run = await muster(line.split(' ').filter(Boolean))
    assert.equal(run.exitCode, code)
    assert.match(code === 0 ? run.stdout : run.stderr, says)
  })

test('nothing runs: exit 1, and what to do', async (context) => {
  const run = await muster(['machines', '--state', await temporary(context)])
  assert.equal(run.exitCode, 1)
  assert.match(run.stderr, /npm run up/)
  assert.equal(run.stdout, '')
})

test('options, names, and the two that every command takes', () => {
  const line = readLine(
    ['pc-1', '--erase', '--state', '/s', '--json'],
    { erase: z.boolean().optional() },
    ['NAME'],
  )
  assert.deepEqual(line, { options: { erase: true }, names: ['pc-1'], json: true, state: '/s' })
  assert.throws(() => readLine(['x'], {}), UsageError)
})

const entry = (address: string, internal = false) => ({
  address,
  internal,
  family: 'IPv4' as const,
  netmask: '255.255.255.0',
  mac: '',
  cidr: null,
})
const interfaces = { lo: [entry('127.0.0.1', true)], eth0: [entry('10.0.0.2'), entry('10.0.0.3')] }

test('a place by its interface, by its address, by both', () => {
  const first = { interface: 'eth0', address: '10.0.0.2' }
  assert.deepEqual(findPlace({ interface: 'eth0' }, interfaces), first)
  const second = { interface: 'eth0', address: '10.0.0.3' }
  assert.deepEqual(findPlace({ address: '10.0.0.3' }, interfaces), second)
  assert.deepEqual(findPlace(second, interfaces), second)
  for (const wrong of [{ interface: 'lo' }, { address: '10.9.9.9' }])
    assert.throws(() => findPlace(wrong, interfaces), /it has eth0 \(10\.0\.0\.2\)/)
})

for (const [body, text] of [
  ['{"detail":"No such machine."}', 'No such machine.'],
  ['{"detail":"Not now.","state":"installing"}', 'Not now. {"state":"installing"}'],
  ['{"detail":[{"message":"x"}]}', '[{"message":"x"}]'],
  ['<html>', 'the provisioning API answered 502: <html>'],
] as const)
  test(`a refusal is told: ${body}`, () => assert.equal(refusalText(502, body), text))

test('columns', () => {
  assert.equal(
    tableOf([
      ['a', 'bb', ''],
      ['ccc', 'd', 'e'],
    ]),
    'a    bb\nccc  d   e',
  )
})

test('a file is followed from its end, before it is there and in pieces', async (context) => {
  const file = path.join(await temporary(context), 'log')
  const ended = new AbortController()
  const lines = follow(file, { from: 4, signal: ended.signal })
  const next = async () => (await lines.next()).value
  const first = next()
  await writeFile(file, 'old\nfi')
  await appendFile(file, 'rst\nsecond\nthi')
  assert.equal(await first, 'first')
  assert.equal(await next(), 'second')
  const third = next()
  await appendFile(file, 'rd\n')
  assert.equal(await third, 'third')
  ended.abort()
  assert.equal((await lines.next()).done, true)
})
