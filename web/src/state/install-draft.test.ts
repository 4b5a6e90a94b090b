import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discovered, disk, hardware } from '../../test/samples.ts'
import { draftOf, draftProblem, requestOf } from './install-draft.ts'

const withDisks = (...ids: string[]) => hardware({ disks: ids.map((id) => disk(id)) })

test('the form opens with the one disk, as the machine was accepted before, and never erases', () => {
  assert.deepEqual(draftOf(discovered('p1')), {
    name: 'p1',
    mode: 'image',
    disk: 'only',
    erase: false,
    confirmation: '',
  })
  const known = { mode: 'package', disk: 'only', erase: true } as const
  const draft = draftOf(discovered('p1', {}, { ...known, hardware: withDisks('wwid:a') }))
  assert.deepEqual([draft.mode, draft.disk, draft.erase], ['package', 'wwid:a', false])
  const disks = withDisks('wwid:a', 'wwid:b')
  assert.equal(draftOf(discovered('p1', {}, { hardware: disks })).disk, null)
  assert.equal(draftOf(discovered('p1', {}, { hardware: disks, disk: 'wwid:b' })).disk, 'wwid:b')
})

test('a disk must be chosen, and be one that is there', () => {
  const machine = discovered('p1', {}, { hardware: withDisks('wwid:a', 'wwid:b') })
  const draft = draftOf(machine)
  assert.equal(draftProblem(draft, machine, 'accept')?.field, 'disk')
  assert.equal(draftProblem({ ...draft, disk: 'wwid:gone' }, machine, 'accept')?.field, 'disk')
  assert.equal(draftProblem({ ...draft, disk: 'wwid:a' }, machine, 'accept'), null)
})

test('to install again takes permission to erase, and the name', () => {
  const machine = discovered('p1', { ip_address: '10.0.0.1' })
  const draft = draftOf(machine)
  assert.equal(draftProblem(draft, machine, 'reinstall')?.field, 'erase')
  const erase = { ...draft, erase: true }
  assert.equal(draftProblem(erase, machine, 'reinstall')?.field, 'confirmation')
  assert.equal(draftProblem({ ...erase, confirmation: 'p1 ' }, machine, 'reinstall'), null)
  assert.equal(draftProblem(erase, machine, 'accept'), null)
})

test('a name is given until the machine has called home', () => {
  const machine = discovered('p1')
  const request = { mode: 'image', disk: 'only', erase: false }
  const draft = { ...draftOf(machine), name: ' w1 ' }
  assert.deepEqual(requestOf(draft, machine, 'accept'), { ...request, name: 'w1' })
  const home = { ...machine, ip_address: '10.0.0.1' }
  assert.deepEqual(requestOf(draft, home, 'accept'), request)
  assert.deepEqual(requestOf(draft, machine, 'reinstall'), request)
})
