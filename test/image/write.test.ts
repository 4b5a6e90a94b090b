// The live system writes a disk: a small image, a server that speaks the contract, and a PC in QEMU without firmware.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { LAYOUT, MIB } from '@muster/pxe/image/layout.ts'
import { execa } from 'execa'
import { withoutRoot } from '../lab/skip.ts'
import { until } from '../lab/until.ts'
import { Vm } from '../lab/vm.ts'
import type { VmDisk } from '../lab/vm-arguments.ts'
import { FakeBootServer } from './fake-boot-server.ts'
import { bootsNothing, bytesOf, InstalledDisk } from './installed-disk.ts'
import { liveSystem, makeTestImage, type TestImage } from './test-image.ts'

const GRANT = '0123456789abcdef0123456789abcdef'
/** Seconds that a machine may take; emulation on a busy host is slow. */
const PATIENCE = 240
const IMAGE = '/boot/files/image.raw.zst'
const BYTES = 1000 * MIB

let folder: string
let image: TestImage
let live: { kernel: string; initrd: string }

before(async () => {
  if (withoutRoot.skip) return
  folder = await mkdtemp(path.join(tmpdir(), 'muster-write-'))
  live = await liveSystem()
  image = await makeTestImage(folder)
})
after(() => folder && rm(folder, { recursive: true }))

type Lab = { vm: Vm; server: FakeBootServer }

/** A machine that boots the live system, and an appliance that tells it to write the image to `serial:_DISK0`. */
async function lab(context: TestContext, disks: VmDisk[] = [{ bytes: BYTES }]): Promise<Lab> {
  const server = await FakeBootServer.start()
  const parameters = `muster=http://10.0.2.2:${server.port} grant=${GRANT} console=tty0 console=ttyS0,115200n8 quiet`
  const vm = new Vm({
    ...{ name: `pc${server.port}`, folder, firmware: 'bios', memory: 512, disks },
    ...{ direct: { ...live, parameters }, endOnReset: true },
  })
  context.after(async () => {
    await vm.remove()
    await server.stop()
  })
  server.files.set(IMAGE, image.file)
  const { sha256, bytes, size } = image
  server.plan = {
    ...{ action: 'install', reason: 'accepted', disk: 'serial:_DISK0' },
    ...{ image: IMAGE, sha256, bytes, size },
  }
  server.identity = await identity()
  return { vm, server }
}

/** What makes the machine this one, as the provisioning API sends it. */
async function identity(): Promise<Buffer> {
  const root = path.join(folder, 'identity')
  await mkdir(path.join(root, 'etc'), { recursive: true })
  await writeFile(path.join(root, 'etc/hostname'), 'w1\n')
  const tar = await execa('tar', ['-C', root, '-cf', '-', 'etc/hostname'], { encoding: 'buffer' })
  return Buffer.from(tar.stdout)
}

/** The reason with which the machine failed. */
async function failure({ vm, server }: Lab): Promise<string> {
  const { body } = await server.hears('/boot/failed', PATIENCE)
  assert.equal(body.grant, GRANT)
  assert.match(vm.serial.text, /FAILED: /)
  assert.match(String(body.log), /live system of/)
  return String(body.reason)
}

/** What an earlier system left: something that firmware would start. */
async function fillDisk({ vm }: Lab): Promise<void> {
  await mkdir(vm.folder, { recursive: true })
  const handle = await open(vm.disk(), 'w')
  await handle.truncate(BYTES)
  const old = Buffer.alloc(MIB, 0xa5)
  await handle.write(old, 0, MIB, 0)
  await handle.write(old, 0, MIB, BYTES - MIB)
  await handle.close()
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

async function assertInstalled(disk: string): Promise<void> {
  const installed = new InstalledDisk(disk)
  const esp = { at: LAYOUT.esp.start, length: LAYOUT.esp.bytes }
  assert.ok(
    (await bytesOf(disk, esp)).equals(await bytesOf(image.raw, esp)),
    'the ESP is the image’s',
  )
  const code = { at: 0, length: 440 }
  assert.ok(
    (await bytesOf(disk, code)).equals(await bytesOf(image.raw, code)),
    'so is the boot code',
  )
  assert.equal(await installed.check(), 0)
  const noise = await readFile(path.join(folder, 'root/noise'))
  assert.equal(digest(await installed.file('/noise')), digest(noise))
  assert.equal((await installed.file('/etc/hostname')).toString(), 'w1\n')
  assert.match((await installed.file('/etc/machine-id')).toString(), /^[0-9a-f]{32}\n$/)
  const table = await installed.table()
  const [, , root] = table.partitions
  assert.ok((root!.start + root!.size) * 512 > BYTES - 2 * MIB, 'the root reaches to the end')
  assert.notEqual(root!.uuid, (await new InstalledDisk(image.raw).table()).partitions[2]!.uuid)
}

test('an image is written whole, also where the connection breaks', withoutRoot, async (t) => {
  const { vm, server } = await lab(t)
  server.cuts = { after: 5_000_000, times: 2 }
  await fillDisk({ vm, server })
  await vm.powerOn()
  await server.hears('/boot/installed', PATIENCE)
  await vm.off(PATIENCE)
  await assertInstalled(vm.disk())
  assert.equal(server.asked.filter(({ route }) => route === IMAGE).length, 3)
  assert.equal(
    (await bytesOf(vm.disk(), { at: 446, length: 1 }))[0],
    0x80,
    'old firmware wants it active',
  )
  const stages = new Set(server.told.map(({ body }) => body.stage).filter(Boolean))
  assert.deepEqual([...stages], ['write', 'grow', 'identity', 'boot-loader'])
  assert.match(vm.serial.text, /writing \d+ %/)
})

test('an image with another checksum leaves a disk that boots nothing', withoutRoot, async (t) => {
  const { vm, server } = await lab(t)
  server.plan.sha256 = digest(Buffer.from('another'))
  await fillDisk({ vm, server })
  await vm.powerOn()
  assert.match(await failure({ vm, server }), /SHA-256 is [0-9a-f]{64}, expected is/)
  assert.ok(await bootsNothing(vm.disk()))
})

test('an image that ends early leaves a disk that boots nothing', withoutRoot, async (t) => {
  const { vm, server } = await lab(t)
  const short = path.join(folder, 'short.raw.zst')
  const whole = await readFile(image.file)
  await writeFile(short, whole.subarray(0, whole.length - 3_000_000))
  server.files.set(IMAGE, short)
  await vm.powerOn()
  assert.match(await failure({ vm, server }), /the image ends after \d+ bytes, more are expected/)
  assert.ok(await bootsNothing(vm.disk()))
})

test(
  'a power cut during the write leaves a disk that boots nothing; the next run installs',
  withoutRoot,
  async (t) => {
    const { vm, server } = await lab(t)
    await fillDisk({ vm, server })
    await vm.powerOn()
    const halfWay = () => server.told.some(({ body }) => Number(body.percent) >= 20)
    await until('a fifth is written', async () => halfWay(), PATIENCE)
    await vm.cutPower()
    assert.equal(
      server.told.some(({ route }) => route === '/boot/installed'),
      false,
    )
    assert.ok(await bootsNothing(vm.disk()))
    await vm.powerOn()
    await server.hears('/boot/installed', PATIENCE)
    await vm.off(PATIENCE)
    await assertInstalled(vm.disk())
  },
)

test('no disk of that name: nothing is written', withoutRoot, async (t) => {
  const { vm, server } = await lab(t)
  server.plan.disk = 'serial:_OTHER'
  await vm.powerOn()
  assert.match(
    await failure({ vm, server }),
    /^0 disks are called serial:_OTHER.*nothing was written/,
  )
  assert.equal((await stat(vm.disk())).blocks, 0)
})

test('two disks of that name: nothing is written', withoutRoot, async (t) => {
  const disk = { bytes: BYTES, serial: 'DISK0' }
  const { vm, server } = await lab(t, [disk, disk])
  await vm.powerOn()
  assert.match(
    await failure({ vm, server }),
    /^2 disks are called serial:_DISK0.*nothing was written/,
  )
  assert.equal((await stat(vm.disk(0))).blocks + (await stat(vm.disk(1))).blocks, 0)
})

test('a machine that is to do nothing boots again', withoutRoot, async (t) => {
  const { vm, server } = await lab(t)
  server.plan = { action: 'local', reason: 'not accepted yet' }
  await vm.powerOn()
  await vm.off(PATIENCE)
  assert.match(vm.serial.text, /local: not accepted yet/)
  assert.deepEqual(
    server.told.map(({ route }) => route),
    ['/boot/facts'],
  )
  assert.equal((await stat(vm.disk())).blocks, 0)
})
