import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { execa } from 'execa'
import {
  hardwareOf,
  type InstallerValues,
  installerCommandLine,
  renderLate,
  renderPartman,
  renderPreseed,
} from './preseed.ts'
import { lintPreseed } from './preseed-lint.ts'

const GRANT = '0123456789abcdef0123456789abcdef'
const sample: InstallerValues = {
  base: 'http://10.20.0.2:8001',
  grant: GRANT,
  hostname: 'w1',
  disk: 'wwid:naa.5000c500a1b2c3d4',
  firmware: 'bios',
  suite: 'trixie',
  now: 1_763_748_000,
}
const all = [renderPreseed, renderPartman, renderLate, installerCommandLine]
const has = async (program: string) =>
  (await execa('which', [program], { reject: false })).exitCode === 0

test('the preseed of one machine, word for word', async () => {
  const golden = path.join(import.meta.dirname, 'preseed.golden.cfg')
  const text = renderPreseed(sample)
  if (process.env.MUSTER_WRITE_GOLDEN) await writeFile(golden, text)
  assert.equal(text, await readFile(golden, 'utf8'))
})

const debconf = await has('debconf-set-selections')

test('debconf can read the preseed', {
  skip: debconf ? false : 'debconf-set-selections is not on this machine',
}, async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-preseed-'))
  context.after(() => rm(folder, { recursive: true }))
  for (const firmware of ['bios', 'uefi'] as const) {
    const file = path.join(folder, firmware)
    await writeFile(file, renderPreseed({ ...sample, firmware }))
    const run = await execa('debconf-set-selections', ['--checkonly', file], { all: true })
    assert.equal(run.all, '')
  }
})

test('the shell of the installer can read the hooks', async () => {
  for (const text of [renderPartman(sample), renderLate(sample)])
    await execa('sh', ['-n'], { input: text })
})

test('firmware and hardware decide partitions, kernel and consoles', () => {
  assert.match(renderPreseed(sample), /method\{ biosgrub \}/)
  assert.match(renderPreseed({ ...sample, firmware: 'uefi' }), /256 256 256 fat32 method\{ efi \}/)
  assert.match(renderPreseed(sample), /image string linux-image-amd64$/m)
  const virtual = { ...sample, hardware: 'virtual' } as const
  assert.match(renderPreseed(virtual), /image string linux-image-cloud-amd64$/m)
  assert.ok(!installerCommandLine(sample).some((word) => word.startsWith('console=')))
  assert.equal(installerCommandLine(virtual).at(-1), 'console=ttyS0,115200n8')
  assert.equal(hardwareOf({ vendor: 'QEMU', name: 'Standard PC (Q35 + ICH9, 2009)' }), 'virtual')
  assert.equal(hardwareOf({ vendor: 'Dell Inc.', name: 'OptiPlex 7010' }), 'physical')
})

test('the kernel command line has what the preseed would tell too late, and few enough words', () => {
  const words = installerCommandLine({ ...sample, hardware: 'virtual', logPort: 8514 })
  for (const word of [
    'auto=true',
    'hostname=w1',
    'netcfg/hostname=w1',
    'domain=internal',
    `url=http://10.20.0.2:8001/boot/preseed/${GRANT}`,
    'log_host=10.20.0.2',
    'log_port=8514',
  ])
    assert.ok(words.includes(word), word)
  assert.ok(words.length <= 24, `${words.length} words`)
  assert.ok(words.every((word) => /^[\x21-\x7e]+$/.test(word)))
})

const evil: Partial<Record<keyof InstallerValues, string[]>> = {
  hostname: ['w1\nd-i x y string z', 'w1 init=/bin/sh', 'w"1', 'w$(id)', '', 'localhost'],
  disk: ["wwid:x'; reboot; '", 'wwid:$(id)', 'wwid:a\nb', '/dev/sda', 'serial:a b', 'wwid:`id`'],
  base: [
    'http://10.0.0.2:8001/x',
    'https://10.0.0.2',
    'http://a b',
    'http://a"',
    'http://$x',
    'http://a\n',
  ],
  grant: ['', 'x', `${GRANT}\n`, `${GRANT}0`, "0123456789abcdef0123456789abcde'"],
  domain: ['a b', 'a\nb', '-x', '$x'],
  suite: ['trixie main', '../x', ''],
}

for (const [name, values] of Object.entries(evil))
  test(`${name} cannot say anything else`, () => {
    for (const value of values)
      for (const render of all)
        assert.throws(
          () => render({ ...sample, [name]: value } as InstallerValues),
          { name: 'ZodError' },
          `${render.name} took ${JSON.stringify(value)}`,
        )
  })

test('a line that is missing is named', () => {
  const text = renderPreseed(sample)
  const lines = text.split('\n').filter((line) => /^[a-z]/.test(line))
  assert.ok(lines.length > 60)
  for (const line of lines) {
    const key = line.split(' ')[1]!
    const problems = lintPreseed(text.replace(`${line}\n`, ''))
    assert.equal(problems.length, 1, line)
    assert.ok(problems[0]!.includes(key) && problems[0]!.endsWith('is missing'), problems[0])
  }
})

test('what would stop or misdirect an installation is named', () => {
  const text = renderPreseed(sample)
  const without = (key: string) => text.replace(new RegExp(`^d-i ${key} .*\n`, 'm'), '')
  const cases: [string, RegExp][] = [
    [`${text}d-i partman-auto/disk string /dev/sda\n`, /names a device: partman-auto\/disk/],
    [
      `${without('grub-installer/bootdev')}d-i grub-installer/bootdev string /dev/nvme0n1\n`,
      /names a device/,
    ],
    [`${text}d-i passwd/root-password password secret\n`, /password in clear text/],
    [`${text}d-i clock-setup/utc boolean true\n`, /repeats clock-setup\/utc/],
    [
      text.replace('http/directory string /debian', 'http/directory string http://x/debian'),
      /no fitting answer: mirror\/http\/directory/,
    ],
    [
      text.replace('http/hostname string ', 'http/hostname string http://'),
      /no fitting answer: mirror\/http\/hostname/,
    ],
    [
      text.replace('partman/confirm boolean true', 'partman/confirm boolean false'),
      /no fitting answer: partman\/confirm/,
    ],
    [text.replace('w1', '{{ hostname }}'), /placeholder/],
    [text.replace('get_domain string internal', 'get_domain string undefined'), /placeholder/],
    [`${text}rm -rf /\n`, /no line of a preseed/],
    [`${text}d-i preseed/early_command string id\n`, /not in the list/],
    [
      text.replace('root-password-crypted password *', 'root-password-crypted password $6$x'),
      /no fitting answer/,
    ],
  ]
  for (const [broken, problem] of cases) assert.match(lintPreseed(broken).join('\n'), problem)
  assert.deepEqual(lintPreseed(text), [])
})

test('no secret but the grant is in what the installer gets', () => {
  for (const text of [renderPreseed(sample), renderPartman(sample), renderLate(sample)])
    assert.equal(text.replaceAll(GRANT, '').match(/[0-9a-f]{24,}/)?.[0], undefined)
})
