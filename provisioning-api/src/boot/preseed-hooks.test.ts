import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { execa } from 'execa'
import { type InstallerValues, renderLate, renderPartman } from './preseed.ts'

const values: InstallerValues = {
  base: 'http://10.20.0.2:8001',
  grant: '0123456789abcdef0123456789abcdef',
  hostname: 'w1',
  disk: 'serial:KINGSTON_S1',
  firmware: 'bios',
  suite: 'trixie',
  now: 1_763_748_000,
}

/** A PC as the hook sees it, and stand-ins for the installer's programs that write down what they were told. */
class FakeInstaller {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  static async make(context: TestContext): Promise<FakeInstaller> {
    const folder = await mkdtemp(path.join(tmpdir(), 'muster-hook-'))
    context.after(() => rm(folder, { recursive: true }))
    const fake = new FakeInstaller(folder)
    await mkdir(path.join(folder, 'bin'))
    for (const program of ['muster-tell', 'dd', 'debconf-set', 'wget']) {
      const file = path.join(folder, 'bin', program)
      await writeFile(file, `#!/bin/sh\necho "${program} $*" >> ${folder}/told\n`)
      await chmod(file, 0o755)
    }
    await mkdir(path.join(folder, 'sys/block'), { recursive: true })
    return fake
  }

  async disk(name: string, model: string, serial: string): Promise<void> {
    const block = path.join(this.folder, 'sys/block', name)
    await mkdir(path.join(block, 'device'), { recursive: true })
    await writeFile(path.join(block, 'device/model'), `${model}\n`)
    await writeFile(path.join(block, 'device/serial'), `${serial}\n`)
    await writeFile(path.join(block, 'size'), '20000000\n')
  }

  /** Runs the hook. @returns what the programs were told, one line each */
  async run(hook: string): Promise<string[]> {
    const env = {
      SYS: path.join(this.folder, 'sys'),
      PATH: `${this.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    }
    await execa('sh', [], { input: hook, env, extendEnv: false, reject: false })
    return (await readFile(path.join(this.folder, 'told'), 'utf8')).trim().split('\n')
  }
}

test('the approved disk is found by its id among others, emptied at both ends and chosen', async (t) => {
  const fake = await FakeInstaller.make(t)
  await fake.disk('sda', 'SAMSUNG', 'S9')
  await fake.disk('sdb', 'KINGSTON', 'S1')
  await fake.disk('loop0', 'KINGSTON', 'S1')
  assert.deepEqual(await fake.run(renderPartman(values)), [
    'muster-tell beacon partman',
    'dd if=/dev/zero of=/dev/sdb bs=1M count=4',
    'dd if=/dev/zero of=/dev/sdb bs=512 seek=19991808 count=8192',
    'debconf-set partman-auto/disk /dev/sdb',
    'debconf-set grub-installer/bootdev /dev/sdb',
  ])
})

test('no disk is touched when the approved one is missing, or there twice', async (t) => {
  for (const disks of [['S9'], ['S1', 'S1'], []]) {
    const fake = await FakeInstaller.make(t)
    for (const [index, serial] of disks.entries()) await fake.disk(`sd${index}`, 'KINGSTON', serial)
    const count = disks.filter((serial) => serial === 'S1').length
    assert.deepEqual(await fake.run(renderPartman(values)), [
      'muster-tell beacon partman',
      `muster-tell failed The approved disk serial:KINGSTON_S1 was found ${count} times; nothing was written.`,
    ])
  }
})

test('no disk is touched when the firmware is in another mode than at the acceptance', async (t) => {
  const fake = await FakeInstaller.make(t)
  await fake.disk('sda', 'KINGSTON', 'S1')
  await mkdir(path.join(fake.folder, 'sys/firmware/efi'), { recursive: true })
  assert.deepEqual(await fake.run(renderPartman(values)), [
    'muster-tell beacon partman',
    'muster-tell failed Approved for bios firmware; this start is by uefi.',
  ])
})

test('the late command tells its beginning, fetches the identity once, and stops when it cannot unpack it', async (t) => {
  const fake = await FakeInstaller.make(t)
  const url = `${values.base}/boot/identity/${values.grant}`
  assert.deepEqual(await fake.run(renderLate(values)), [
    'muster-tell beacon late',
    `wget -q -O /tmp/muster-identity.tar ${url}`,
  ])
})
