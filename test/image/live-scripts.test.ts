import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { Facts } from '@muster/provisioning-api/contract/hardware.ts'
import { execa } from 'execa'
import { FakeSys } from './fake-sys.ts'

const LIVE = path.join(import.meta.dirname, '../../pxe/live')
const CPUINFO =
  'processor\t: 0\nmodel name\t: Old "fast" CPU\\2\nflags\t\t: fpu sse2 lm\n\nprocessor\t: 1\n'

async function fakeSys(context: TestContext): Promise<FakeSys> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-sys-'))
  context.after(() => rm(folder, { recursive: true }))
  const sys = new FakeSys(folder)
  await sys.file('proc/cpuinfo', CPUINFO)
  await sys.file('proc/meminfo', 'MemTotal:        2017648 kB\nMemFree: 1 kB\n')
  return sys
}

/** Runs a line of shell with the scripts loaded. */
async function shell(sys: FakeSys, line: string): Promise<string> {
  const load = `. ${LIVE}/disk-id.sh; . ${LIVE}/facts.sh`
  return (await execa('sh', ['-euc', `${load}; ${line}`], { env: sys.env })).stdout
}

test('a disk is called by its wwid, else its serial number, else its place', async (t) => {
  const sys = await fakeSys(t)
  const sata = 'pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block'
  await sys.disk(`${sata}/sda`, {
    files: { 'device/wwid': 't10.ATA     QEMU HARDDISK   QM00001  \n' },
  })
  await sys.disk('pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1', {
    files: { wwid: 'eui.0025385b81b0c1d2\n' },
  })
  await sys.disk('pci0000:00/0000:00:05.0/virtio2/block/vda', { files: { serial: 'DISK0' } })
  await sys.disk('pci0000:00/0000:00:06.0/virtio3/block/vdb')
  const usb = 'pci0000:00/0000:00:14.0/usb1/1-2'
  await sys.disk(`${usb}/1-2:1.0/host6/target6:0:0/6:0:0:0/block/sdb`, {
    files: { 'device/model': 'Flash Disk      \n' },
  })
  await sys.file(`sys/devices/${usb}/serial`, 'ÄA"1\n')
  // The link that the kernel makes from the disk to its device.
  await sys.file(`sys/devices/${usb}/1-2:1.0/host6/target6:0:0/6:0:0:0/type`, '0\n')
  const id = (name: string) => shell(sys, `disk_id ${name}`)
  assert.equal(await id('sda'), 'wwid:t10.ATA_QEMU_HARDDISK_QM00001')
  assert.equal(await id('nvme0n1'), 'wwid:eui.0025385b81b0c1d2')
  assert.equal(await id('vda'), 'serial:_DISK0')
  assert.equal(await id('vdb'), 'path:pci0000:00_0000:00:06.0')
  assert.match(await id('sdb'), /^serial:Flash_Disk__+A_1$/)
})

test('the facts are what the provisioning API reads', async (t) => {
  const sys = await fakeSys(t)
  await sys.file('sys/class/dmi/id/sys_vendor', 'Dell Inc.\n')
  await sys.file('sys/class/dmi/id/product_name', 'OptiPlex "755"\\ ÿ\n')
  await sys.disk('pci0000:00/0000:00:05.0/virtio2/block/vda', {
    files: { serial: 'ONE', 'queue/rotational': '1\n', removable: '0\n' },
  })
  await sys.disk('pci0000:00/0000:00:06.0/virtio3/block/vdb', { files: { serial: 'TWO' } })
  await sys.disk('pci0000:00/0000:00:07.0/virtio4/block/vdc', { files: { serial: 'THREE' } })
  await sys.disk('pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block/sdb')
  await sys.disk('virtual/block/loop0')
  await sys.disk('pci0000:00/0000:00:1f.2/ata1/host1/target1:0:0/1:0:0:0/block/sr0')
  await sys.disk('pci0000:00/0000:00:08.0/host7/target7:0:0/7:0:0:0/block/sdc', { mib: 0 })
  await execa('mke2fs', [
    '-q',
    '-F',
    '-t',
    'ext4',
    '-L',
    'old "home"',
    path.join(sys.folder, 'dev/vdb'),
  ])
  await writeFile(path.join(sys.folder, 'dev/vdc'), Buffer.alloc(4 * 1024 * 1024, 'x'))
  const address = '52:54:00:77:00:01\n'
  await sys.nic('eth0', { files: { address, carrier: '1\n', speed: '1000\n' }, driver: 'e1000e' })
  await sys.nic('eth1', {
    files: { address: '52:54:00:77:00:02\n', speed: '-1\n' },
    driver: 'r8169',
  })
  await sys.nic('eth2', { files: { address: '00:00:00:00:00:00\n' }, driver: 'broken' })
  await sys.nic('br0', { files: { address: '52:54:00:77:00:03\n' } })

  const facts = Facts.parse(JSON.parse(await shell(sys, 'facts')))

  assert.deepEqual(facts.cpu, { model: 'Old "fast" CPU\\2', cores: 2, flags: 'fpu sse2 lm' })
  assert.equal(facts.memory_mb, 1970)
  assert.equal(facts.firmware, 'bios')
  assert.deepEqual(
    { vendor: facts.product.vendor, name: facts.product.name, serial: facts.product.serial },
    { vendor: 'Dell Inc.', name: 'OptiPlex "755"\\', serial: '' },
  )
  assert.deepEqual(
    facts.disks.map(({ name, removable, blank, contents }) => [name, removable, blank, contents]),
    [
      ['sdb', true, true, ''],
      ['vda', false, true, ''],
      ['vdb', false, false, 'vdb: "old "home"" ext4'],
      ['vdc', false, false, 'data of unknown kind'],
    ],
  )
  assert.deepEqual(facts.disks[1], {
    ...{ id: 'serial:_ONE', name: 'vda', bytes: 4 * 1024 * 1024, model: '', serial: 'ONE' },
    ...{ removable: false, rotational: true, blank: true, contents: '' },
  })
  assert.deepEqual(facts.nics, [
    { name: 'eth0', mac: '52:54:00:77:00:01', driver: 'e1000e', link: true, mbps: 1000 },
    { name: 'eth1', mac: '52:54:00:77:00:02', driver: 'r8169', link: false, mbps: null },
  ])
})

test('a machine with UEFI says so, and one without disks and cards is described, too', async (t) => {
  const sys = await fakeSys(t)
  await sys.file('sys/firmware/efi/fw_platform_size', '64\n')
  const facts = Facts.parse(JSON.parse(await shell(sys, 'facts')))
  assert.equal(facts.firmware, 'uefi')
  assert.deepEqual([facts.disks, facts.nics], [[], []])
})
