import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MusterError } from '@muster/base/errors.ts'
import { type MachineState, machineStates } from '../../contract/machine.ts'
import { type MachineEvent, machineEvents, nextState, stateAfter } from './machine-life.ts'

/** Every state under every event: `.` = refused, `=` = stays. Written apart from the table of the code. */
const EXPECTED = `
                     discovered accepted reinstall installing installed enrolled configuring joining  deploying ready     failed    retired
  seen               =          =        =         =          =         =        =           =        =         =         =         =
  accepted           accepted   =        =         .          .         .        .           .        .         .         accepted  accepted
  identity-confirmed .          .        .         =          =         =        =           =        =         =         .         .
  reinstall-asked    .          .        =         .          reinstall .        .           .        .         reinstall reinstall .
  facts-fit          .          installing installing =       .         .        .           .        .         .         .         .
  facts-unfit        .          failed   failed    failed     .         .        .           .        .         .         .         .
  beacon             .          =        =         =          .         .        .           .        .         .         .         .
  fetched            .          .        .         =          .         .        .           .        .         .         .         .
  installed          .          .        .         installed  .         .        .           .        .         .         .         .
  failed             .          failed   failed    failed     .         .        .           .        .         .         .         .
  deadline-passed    .          .        .         failed     failed    .        .           .        .         .         .         .
  called-home        .          .        .         .          enrolled  =        enrolled    enrolled enrolled  enrolled  enrolled  .
  vouched            enrolled   .        .         .          enrolled  =        enrolled    enrolled enrolled  enrolled  enrolled  enrolled
  retired            retired    retired  retired   retired    retired   .        .           .        .         retired   retired   =
`
const [head = [], ...rows] = EXPECTED.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
const states = head as MachineState[]
const expected = new Map(
  rows.map(([event = '', ...cells]) => [event as MachineEvent, cells] as const),
)

test('the table of this test has every state and every event', () => {
  assert.deepEqual([...states].sort(), Object.keys(machineStates).sort())
  assert.deepEqual([...expected.keys()].sort(), [...machineEvents].sort())
  for (const cells of expected.values()) assert.equal(cells.length, states.length)
})

for (const [event, cells] of expected)
  test(`${event}: exactly the states that allow it, each with what it becomes`, () => {
    for (const [index, state] of states.entries()) {
      const cell = cells[index]
      const next = cell === '.' ? undefined : cell === '=' ? state : cell
      assert.equal(stateAfter(state, event), next, `${event} in ${state}`)
    }
  })

test('an event that is not allowed is refused with the state and the event, never applied', () => {
  assert.throws(
    () => nextState('ready', 'facts-fit'),
    (error: MusterError) =>
      error instanceof MusterError &&
      error.code === 'machine-not-now' &&
      error.details.state === 'ready' &&
      error.details.event === 'facts-fit',
  )
})

test('a disk can only become writable after a person accepted: no other event leads there', () => {
  const writable = new Set<MachineState>(['accepted', 'reinstall', 'installing'])
  const byPeople = new Set<MachineEvent>(['accepted', 'reinstall-asked'])
  for (const state of states)
    for (const event of machineEvents) {
      const next = stateAfter(state, event)
      if (!next || !writable.has(next) || writable.has(state)) continue
      assert.ok(byPeople.has(event), `${event} in ${state} leads to ${next}`)
    }
})
