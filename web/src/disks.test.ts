import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discovered, disk, hardware } from '../test/samples.ts'
import { diskChoices, diskText, eraseText } from './disks.ts'

const ssd = disk('wwid:ssd')
const stick = disk('serial:stick', { removable: true })
const empty = disk('wwid:empty', { blank: true, contents: '' })
const rules = (...disks: (typeof ssd)[]) =>
  diskChoices(discovered('p', {}, { hardware: hardware({ disks }) }).boot).map(({ rule }) => rule)

test('known fixed disks are chosen by their id, removable ones never', () => {
  assert.deepEqual(diskChoices(discovered('p').boot), [{ rule: 'only', disk: null }])
  assert.deepEqual(rules(stick, ssd, empty), ['wwid:ssd', 'wwid:empty', 'only'])
  assert.deepEqual(rules(stick), ['only'])
})

test('a disk is told by model, size and kind', () => {
  assert.equal(diskText(ssd), 'KINGSTON SA400S37240G, 240 GB SSD (sda)')
  const old = disk('path:pci', { model: '', rotational: true, bytes: 2e12, name: 'sdb' })
  assert.equal(diskText(old), 'Disk without a model name, 2 TB hard disk (sdb)')
})

test('the warning names the disk and what is on it', () => {
  assert.match(eraseText(ssd, true), /will be lost\. KINGSTON .* Windows on 3 partitions\.$/)
  assert.match(eraseText(ssd, false), /without your permission nothing .* Windows/)
  assert.match(
    eraseText(disk('wwid:x', { contents: '' }), true),
    /something that was not recognised/,
  )
  assert.equal(eraseText(empty, true), 'This disk is blank: nothing is lost.')
  assert.match(eraseText(null, true), /Whatever is on it will be lost/)
  assert.match(eraseText(null, false), /Unless it is blank/)
})
