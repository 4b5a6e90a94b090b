import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { bootFiles } from '@muster/base/state.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import { readManifest } from '../manifest.ts'
import { IPXE_BINARIES, publishIpxe } from './build.ts'

async function temporary(context: TestContext): Promise<{ state: string; source: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-ipxe-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  for (const name of IPXE_BINARIES) await writeFile(path.join(folder, name), `binary ${name}`)
  return { state: path.join(folder, 'state'), source: folder }
}

test('each binary lies where TFTP and HTTP serve it, as the manifest says', async (context) => {
  const { state, source } = await temporary(context)
  await publishIpxe(state, source, assert.fail)
  const { ipxe } = await readManifest(state)
  assert.deepEqual(Object.keys(ipxe), [...IPXE_BINARIES])
  for (const [name, { file, sha256, bytes }] of Object.entries(ipxe))
    for (const place of [
      path.join(bootFiles(state).tftp, name),
      path.join(bootFiles(state).www, file),
    ]) {
      assert.equal(await sha256Of(place), sha256)
      const { mode, size } = await stat(place)
      assert.equal(size, bytes)
      assert.equal(mode & 0o777, 0o644, 'dnsmasq does not serve what others may not read')
    }
  assert.equal((await stat(bootFiles(state).folder)).mode & 0o777, 0o700)
})

test('the script that UEFI binaries run first lies beside them', async (context) => {
  const { state, source } = await temporary(context)
  await publishIpxe(state, source, assert.fail)
  const { tftp, www } = bootFiles(state)
  for (const folder of [tftp, path.join(www, 'ipxe')])
    assert.match(await readFile(path.join(folder, 'autoexec.ipxe'), 'utf8'), /^#!ipxe\n/)
})

test('a second time changes no file', async (context) => {
  const { state, source } = await temporary(context)
  await publishIpxe(state, source, assert.fail)
  const file = path.join(bootFiles(state).tftp, 'snponly.efi')
  const { ino } = await stat(file)
  await publishIpxe(state, source, assert.fail)
  assert.equal((await stat(file)).ino, ino)
})

test('a binary that the package lacks is left out, and a person hears of it', async (context) => {
  const { state, source } = await temporary(context)
  await rm(path.join(source, 'ipxe.pxe'))
  const said: string[] = []
  await publishIpxe(state, source, (line) => said.push(line))
  assert.equal((await readManifest(state)).ipxe['ipxe.pxe'], undefined)
  assert.match(said.join(), /no ipxe\.pxe/)
})

test('without the default binary of a firmware nothing is recorded', async (context) => {
  const { state, source } = await temporary(context)
  await rm(path.join(source, 'snponly.efi'))
  await assert.rejects(
    publishIpxe(state, source, () => {}),
    /no snponly\.efi/,
  )
  assert.deepEqual((await readManifest(state)).ipxe, {})
})
