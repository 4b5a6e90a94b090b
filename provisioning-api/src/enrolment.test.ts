import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../test/harness.ts'
import { EnrolmentWindow } from './enrolment.ts'
import { openDatabase } from './store/database.ts'
import { SettingStore } from './store/settings.ts'

const MINUTE = 60_000

test('a window ends, keeps its end over a restart, and stays closed when a person closed it', async (t) => {
  const database = openDatabase(path.join(await temporaryFolder(t), 'db'))
  t.after(() => database.close())
  const start = () => new EnrolmentWindow(new SettingStore(database))
  const window = start()
  assert.equal(window.current(0).open, false)
  window.begin(0, 0)
  assert.equal(window.admits('w1', 0), false)
  window.begin(10, 0)
  assert.equal(window.admits('w1', 9 * MINUTE), true)
  assert.equal(window.admits('w1', 11 * MINUTE), false)
  start().begin(10, 5 * MINUTE)
  assert.equal(window.admits('w1', 11 * MINUTE), false)
  window.close()
  start().begin(10, 6 * MINUTE)
  assert.equal(window.admits('w1', 7 * MINUTE), false)
  start().begin(10, 20 * MINUTE)
  assert.equal(window.admits('w1', 21 * MINUTE), true)
  window.open(5, 'w2', 30 * MINUTE)
  assert.equal(window.admits('w1', 31 * MINUTE), false)
  assert.equal(window.admits('w2', 31 * MINUTE), true)
})
