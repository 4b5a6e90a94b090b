import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { readOptions, usage } from './options.ts'

test('without options it starts everything on the standard state folder', () => {
  const options = readOptions([])
  assert.equal(options['no-cluster'], false)
  assert.equal(options.json, false)
  assert.equal(options.enrol, undefined)
  assert.ok(path.isAbsolute(options.state))
})

test('every option is read', () => {
  const options = readOptions(
    '--json --yes --no-cluster --model m.gguf --address 10.77.0.1 --enrol 0 --allow-loopback --state s'.split(
      ' ',
    ),
  )
  assert.equal(options.enrol, 0)
  assert.equal(options.address, '10.77.0.1')
  assert.ok(options.json && options.yes && options['no-cluster'] && options['allow-loopback'])
  assert.ok(path.isAbsolute(options.model!) && options.model!.endsWith('/m.gguf'))
  assert.ok(path.isAbsolute(options.state) && options.state.endsWith('/s'))
})

test('the usage names every option that is read', () => {
  for (const name of ['json', 'yes', 'no-cluster', 'model', 'address', 'enrol', 'allow-loopback'])
    assert.match(usage, new RegExp(`--${name}\\b`))
})

for (const [argv, pattern] of [
  [['--address', 'not-an-address'], /--address takes an IPv4 address/],
  [['--address', '::1'], /--address takes an IPv4 address/],
  [['--enrol', 'soon'], /--enrol takes minutes/],
  [['--enrol', '-1'], /enrol/],
  [['--enrol', '1.5'], /./],
  [['--enrol', '100000'], /./],
  [['--fly'], /--fly/],
  [['stray'], /stray/],
  [['--model'], /model/],
] as const)
  test(`${argv.join(' ')} is refused`, () => {
    assert.throws(() => readOptions(argv), pattern)
  })
