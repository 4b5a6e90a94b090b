import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { cacheFolder, stateFiles, stateFolder } from './state.ts'

for (const [folder, name, xdg, standard] of [
  [stateFolder, 'MUSTER_STATE', 'XDG_STATE_HOME', '.local/state'],
  [cacheFolder, 'MUSTER_CACHE', 'XDG_CACHE_HOME', '.cache'],
] as const) {
  test(`${name} decides, then ${xdg}, then the home folder`, () => {
    assert.equal(folder({ [name]: '/a', [xdg]: '/b' }), '/a')
    assert.equal(folder({ [xdg]: '/b' }), '/b/muster')
    assert.equal(folder({}), path.join(homedir(), standard, 'muster'))
  })
  test(`a relative ${name} is below the current folder`, () => {
    assert.equal(folder({ [name]: 'here' }), path.resolve('here'))
  })
}

test('every file is below the state folder', () => {
  for (const value of Object.values(stateFiles('/s'))) {
    const file = typeof value === 'function' ? value('x') : value
    assert.ok(file.startsWith('/s/'), file)
  }
})

test('each server has files of its own', () => {
  const files = stateFiles('/s')
  assert.notEqual(files.pid('a'), files.pid('b'))
  assert.notEqual(files.log('a'), files.log('b'))
})
