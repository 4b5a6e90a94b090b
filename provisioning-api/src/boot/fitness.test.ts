import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Facts } from '../../contract/hardware.ts'
import { DISK, sampleDisk, sampleFacts } from '../../test/boot-lab.ts'
import {
  DISK_RESERVE,
  fitness,
  LEAST_MEMORY_MB,
  LEAST_PACKAGE_DISK,
  type Terms,
} from './fitness.ts'

const IMAGE = 640e6
const TERMS: Terms = {
  mode: 'image',
  disk: 'only',
  erase: false,
  begun: null,
  platform: 'pcbios',
  imageBytes: IMAGE,
}
const look = (change: object, terms: Partial<Terms> = {}) => {
  const found = fitness(Facts.parse(sampleFacts(change)), { ...TERMS, ...terms })
  return 'disk' in found ? found.disk.id : found.problem
}
const SECOND = 'serial:OTHER_2'
const two = [sampleDisk(), sampleDisk({ id: SECOND, name: 'sdb' })]
const stick = sampleDisk({ id: 'serial:STICK_1', name: 'sdb', removable: true })
const cpu = (flags: string) => ({ cpu: { model: 'Core 2', cores: 2, flags } })

/** What is told, of which machine, accepted how. */
const UNFIT: [string, object, Partial<Terms>, RegExp][] = [
  ['a 32-bit processor', cpu('fpu sse2'), {}, /\(Core 2\) cannot run 64-bit/],
  ['a flag that only contains "lm"', cpu('fpu lahf_lm'), {}, /cannot run 64-bit/],
  ['too little memory', { memory_mb: LEAST_MEMORY_MB - 1 }, {}, /899 MB of memory; 900 MB/],
  ['UEFI, asked as BIOS', { firmware: 'uefi' }, {}, /asked .* as bios and runs as uefi/],
  ['BIOS, asked as UEFI', {}, { platform: 'efi' }, /asked .* as uefi and runs as bios/],
  [
    'no link',
    { nics: [{ name: 'e', mac: '52:54:00:00:00:01', driver: '', link: false }] },
    {},
    /network cards has a link/,
  ],
  ['no network card', { nics: [] }, {}, /network cards has a link/],
  ['no image', {}, { imageBytes: null }, /no disk image.*npm run muster -- boot build/],
  ['no disk', { disks: [] }, {}, /has no fixed disk/],
  ['only a stick', { disks: [stick] }, {}, /has no fixed disk/],
  ['two disks and none named', { disks: two }, {}, /2 fixed disks.*serial:QEMU.*serial:OTHER_2/],
  ['a named disk that is gone', {}, { disk: 'wwid:x' }, /wwid:x is not there. It has: serial:QEMU/],
  [
    'a named disk that is gone, and no other',
    { disks: [] },
    { disk: 'wwid:x' },
    /has no fixed disk/,
  ],
  ['a named stick', { disks: [stick] }, { disk: 'serial:STICK_1' }, /is removable/],
  ['one name on two disks', { disks: [sampleDisk(), sampleDisk()] }, { disk: DISK }, /Several/],
  [
    'the only disk shares its name with a stick',
    { disks: [sampleDisk(), { ...stick, id: DISK }] },
    {},
    /Several of its disks are called/,
  ],
  [
    'a disk that is too small',
    { disks: [sampleDisk({ bytes: IMAGE + DISK_RESERVE - 1 })] },
    {},
    /has 1639 MB; 1640 MB are needed/,
  ],
  [
    'a disk that is too small for the installer',
    { disks: [sampleDisk({ bytes: LEAST_PACKAGE_DISK - 1 })] },
    { mode: 'package' },
    /4000 MB are needed/,
  ],
  [
    'a disk with something on it',
    { disks: [sampleDisk({ blank: false, contents: 'ntfs' })] },
    {},
    /is not blank \(ntfs\).*"erase"/,
  ],
  [
    'a disk with something on it, and another one was begun',
    { disks: [sampleDisk({ blank: false })] },
    { begun: SECOND },
    /is not blank/,
  ],
]
for (const [what, change, terms, expected] of UNFIT)
  test(`not fit: ${what}`, () => assert.match(look(change, terms), expected))

const FIT: [string, object, Partial<Terms>, string][] = [
  ['its only disk, blank', {}, {}, DISK],
  ['one fixed disk beside a stick', { disks: [sampleDisk(), stick] }, {}, DISK],
  ['the named one of two', { disks: two }, { disk: SECOND }, SECOND],
  [
    'just enough',
    { memory_mb: 900, disks: [sampleDisk({ bytes: IMAGE + DISK_RESERVE })] },
    {},
    DISK,
  ],
  [
    'not blank, but may be erased',
    { disks: [sampleDisk({ blank: false })] },
    { erase: true },
    DISK,
  ],
  [
    'not blank, but begun by this acceptance',
    { disks: [sampleDisk({ blank: false })] },
    { begun: DISK },
    DISK,
  ],
  ['the installer needs no image', {}, { mode: 'package', imageBytes: null }, DISK],
  ['UEFI, asked as UEFI', { firmware: 'uefi' }, { platform: 'efi' }, DISK],
]
for (const [what, change, terms, expected] of FIT)
  test(`fit: ${what}`, () => assert.equal(look(change, terms), expected))
