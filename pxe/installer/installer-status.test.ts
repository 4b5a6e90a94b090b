import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatStanzas, parseStanzas } from './deb822.ts'
import { mergedStatus, unmetDependencies, withoutTranslations } from './installer-status.ts'
import { PROVIDED } from './packages.ts'

const NETBOOT = `Package: main-menu
Status: install ok unpacked
Version: 1
Depends: cdebconf-udeb, keymaps | keyboard-setup
Description: the menu

Package: cdebconf-udeb
Status: install ok unpacked
Version: 2
Provides: keyboard-setup
Description: questions

Package: download-installer
Status: install ok unpacked
Version: 1
Depends: net-retriever
Description: asks the network for more
Installer-Menu-Item: 2300
`
const PARTMAN = parseStanzas(`Package: partman-base
Version: 3
Maintainer: somebody
Depends: cdebconf-udeb (>= 0.1), ext4-modules, ntfs-3g-udeb
Description: partitions
 A second line.
Installer-Menu-Item: 4200
`)

test('paragraphs of control files, with continuation lines', () => {
  const [first, second] = parseStanzas('\nA: 1\nB: 2\n more\n\n\n \nC:\n')
  assert.deepEqual(
    [...first!],
    [
      ['A', '1'],
      ['B', '2\n more'],
    ],
  )
  assert.deepEqual([...second!], [['C', '']])
  assert.equal(formatStanzas([first!, second!]), 'A: 1\nB: 2\n more\n\nC: \n\n')
})

test('the parts that are added look like those of Debian’s own first root', () => {
  const status = mergedStatus(NETBOOT, PARTMAN)
  const names = status.map((part) => part.get('Package'))
  assert.deepEqual(names, ['cdebconf-udeb', 'main-menu', 'muster-installer', 'partman-base'])
  assert.equal(
    formatStanzas([status[3]!]),
    'Package: partman-base\nStatus: install ok unpacked\nVersion: 3\nDepends: cdebconf-udeb (>= 0.1), ext4-modules, ntfs-3g-udeb\nDescription: partitions\nInstaller-Menu-Item: 4200\n\n',
  )
})

test('a dependency that nothing meets is named', () => {
  assert.deepEqual(unmetDependencies(mergedStatus(NETBOOT, PARTMAN)), [])
  assert.deepEqual(unmetDependencies(parseStanzas(NETBOOT)), ['download-installer: net-retriever'])
  const alone = [...parseStanzas(NETBOOT).slice(0, 2), ...PARTMAN]
  assert.deepEqual(unmetDependencies(alone), [
    'partman-base: ext4-modules',
    'partman-base: ntfs-3g-udeb',
  ])
  assert.ok(PROVIDED.includes('ext4-modules'))
})

test('templates keep their English', () => {
  const templates = `Template: netcfg/choose
Type: select
Choices: a, b
Choices-C.UTF-8: a, b
Choices-de.UTF-8: ä, b
Description: Which?
 More.
Description-pt_BR.UTF-8: Qual?
 Mais.
Description-sr@latin.UTF-8: Koji?
`
  assert.equal(
    formatStanzas(withoutTranslations(templates)),
    'Template: netcfg/choose\nType: select\nChoices: a, b\nChoices-C.UTF-8: a, b\nDescription: Which?\n More.\n\n',
  )
})
