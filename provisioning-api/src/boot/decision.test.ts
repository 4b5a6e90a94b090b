import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MachineState, machineStates } from '../../contract/machine.ts'
import { decide } from './decision.ts'

const ALL = { live: true, image: true, installer: true }
const PC = { cpu: 'x86_64' } as const
const machine = (state: MachineState, change: object = {}) => ({
  state,
  mode: 'image' as const,
  resolved_disk: null,
  conflict: null,
  ...change,
})
const conflict = { text: 'a clone', macs: [], uuid: '', platform: 'efi' as const, others: [] }

const IMAGE: Record<MachineState, string> = {
  discovered: 'wait',
  accepted: 'live',
  reinstall: 'live',
  installing: 'live',
  installed: 'local',
  enrolled: 'local',
  configuring: 'local',
  joining: 'local',
  deploying: 'local',
  ready: 'local',
  failed: 'local',
  retired: 'local',
}
const states = Object.keys(machineStates) as MachineState[]

test('image mode: every state has one answer, and it is the local disk but for accepted machines', () => {
  for (const state of states)
    assert.equal(decide(machine(state), PC, ALL).kind, IMAGE[state], state)
})

test('package mode: the live system looks first, then the installer runs, also after a power cut', () => {
  const chosen = { mode: 'package', resolved_disk: 'wwid:1' }
  for (const state of states) {
    const kind = state === 'installing' ? 'installer' : IMAGE[state]
    assert.equal(decide(machine(state, chosen), PC, ALL).kind, kind, state)
  }
  assert.equal(decide(machine('accepted', { mode: 'package' }), PC, ALL).kind, 'live')
})

test('a conflict is refused in every state that waits for an installation, and harmless in the others', () => {
  for (const state of states) {
    const { kind } = decide(machine(state, { conflict }), PC, ALL)
    assert.equal(kind, IMAGE[state] === 'local' ? 'local' : 'refuse', state)
  }
})

test('a 32-bit processor is refused in every state', () => {
  for (const state of states)
    assert.equal(decide(machine(state), { cpu: 'i386' }, ALL).kind, 'refuse', state)
})

test('what was not built is refused with the command that builds it', () => {
  const none = { live: false, image: false, installer: false }
  const chosen = { mode: 'package', resolved_disk: 'wwid:1' }
  for (const change of [{}, chosen]) {
    const decision = decide(machine('installing', change), PC, none)
    assert.ok(decision.kind === 'refuse' && /boot build/.test(decision.reason))
  }
})
