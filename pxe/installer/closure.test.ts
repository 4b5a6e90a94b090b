import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileName, missingFiles, parsePlan } from './closure.ts'
import { parseStanzas } from './deb822.ts'

test('the plan of apt is read', () => {
  const plan = `Inst gcc-14-base (14.2.0-19 Debian:13.7/stable [amd64])
Conf gcc-14-base (14.2.0-19 Debian:13.7/stable [amd64])
Inst libc6 [2.40-1] (2.41-12+deb13u4 Debian:13.7/stable, Debian-Security:13/stable [amd64]) []
`
  assert.deepEqual(parsePlan(plan), ['gcc-14-base=14.2.0-19', 'libc6=2.41-12+deb13u4'])
})

test('a downloaded package is called by its whole version', () => {
  const name = (text: string) => fileName(parseStanzas(text)[0]!)
  const deb =
    'Package: vim\nVersion: 2:9.1-1\nArchitecture: amd64\nFilename: pool/v/vim_9.1-1_amd64.deb\n'
  assert.equal(name(deb), 'vim_2%3a9.1-1_amd64.deb')
  const udeb =
    'Package: anna\nVersion: 1\nArchitecture: amd64\nFilename: pool/a/anna_1_amd64.udeb\n'
  assert.equal(name(udeb), 'anna_1_amd64.udeb')
})

test('what a mirror lacks is read from the errors of apt', () => {
  const stderr = `E: Failed to fetch http://h/debian/pool/main/e/e2fsprogs/e2fsprogs-udeb_1.47.2-3%2bb12_amd64.udeb  404  Not Found [IP: 10.0.0.1 80]
E: Failed to fetch http://h/debian/pool/main/b/bash/bash_5.2-1_amd64.deb  503  Service Unavailable
E: Failed to fetch http://h/x.deb  Could not connect to h:80
E: Some files failed to download`
  assert.deepEqual(missingFiles(stderr), [
    'bash_5.2-1_amd64.deb',
    'e2fsprogs-udeb_1.47.2-3+b12_amd64.udeb',
  ])
})
