import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MachineState, machineStates } from '../../contract/machine.ts'
import { CALL_HOME_MS, INSTALL_SILENCE_MS, passedDeadline, silenceNote } from './deadlines.ts'

const heard = '2026-11-21T10:00:00.000Z'
const at = (ms: number) => Date.parse(heard) + ms

test('only installing and installed machines have a deadline, each its own', () => {
  for (const state of Object.keys(machineStates) as MachineState[]) {
    const limit =
      state === 'installing' ? INSTALL_SILENCE_MS : state === 'installed' ? CALL_HOME_MS : undefined
    const passed = (ms: number) => passedDeadline({ state, heard }, at(ms), 0) !== undefined
    assert.equal(passed((limit ?? 1e12) - 1), false, state)
    assert.equal(passed(limit ?? 1e12), limit !== undefined, state)
  }
})

test('the time in which this server did not listen counts for nothing', () => {
  const machine = { state: 'installed', heard } as const
  assert.equal(passedDeadline(machine, at(CALL_HOME_MS), at(1)), undefined)
  assert.ok(passedDeadline(machine, at(CALL_HOME_MS + 1), at(1)))
})

test('five minutes of silence are worth a note, and only where somebody is expected', () => {
  const note = (state: MachineState, minutes: number) =>
    silenceNote({ state, heard }, at(minutes * 60_000))
  assert.equal(note('installing', 4.9), undefined)
  assert.equal(note('installing', 5), 'nothing heard for 5 min')
  assert.equal(note('installed', 12.5), 'nothing heard for 12 min')
  assert.equal(note('ready', 500), undefined)
})
