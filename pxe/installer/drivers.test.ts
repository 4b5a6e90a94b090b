import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { DRIVER_LIST } from './add-drivers.ts'
import { driverFiles, parseDependencies, parseDriverList } from './drivers.ts'

const DEP = `kernel/drivers/ata/ahci.ko.xz: kernel/drivers/ata/libahci.ko.xz kernel/drivers/ata/libata.ko.xz
kernel/drivers/ata/libahci.ko.xz: kernel/drivers/ata/libata.ko.xz
kernel/drivers/ata/libata.ko.xz:
kernel/drivers/usb/storage/usb-storage.ko.xz: kernel/drivers/ata/libata.ko.xz
kernel/drivers/net/e1000.ko.xz:
`

test('drivers come with all they need, once each, under either spelling', () => {
  assert.deepEqual(driverFiles(['ahci', 'usb_storage', 'built-in'], parseDependencies(DEP)), [
    'kernel/drivers/ata/ahci.ko.xz',
    'kernel/drivers/ata/libahci.ko.xz',
    'kernel/drivers/ata/libata.ko.xz',
    'kernel/drivers/usb/storage/usb-storage.ko.xz',
  ])
})

test('the list of the live system has the disk drivers of every kind of PC', async () => {
  const names = parseDriverList(await readFile(DRIVER_LIST, 'utf8'))
  for (const name of ['ahci', 'ata_piix', 'nvme', 'virtio_blk', 'usb-storage', 'sd_mod', 'ext4'])
    assert.ok(names.includes(name), name)
})
