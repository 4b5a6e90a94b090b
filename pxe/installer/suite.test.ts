import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { execa } from 'execa'
import type { Package } from './closure.ts'
import { parseStanzas } from './deb822.ts'
import { writeSuite } from './suite.ts'
import { openSuiteKey } from './suite-key.ts'

const tools = await execa('sh', ['-c', 'command -v gpg apt-ftparchive dpkg-deb apt-get'], {
  reject: false,
})
const skip = tools.exitCode === 0 ? false : 'needs gpg, apt-ftparchive, dpkg-deb and apt-get'

async function makePackage(folder: string): Promise<Package> {
  const tree = path.join(folder, 'tree')
  await mkdir(path.join(tree, 'DEBIAN'), { recursive: true })
  const control =
    'Package: hello\nVersion: 1\nArchitecture: amd64\nMaintainer: a <a@b>\nDescription: x\n'
  await writeFile(path.join(tree, 'DEBIAN/control'), control)
  const file = path.join(folder, 'hello_1_amd64.deb')
  await execa('dpkg-deb', ['--root-owner-group', '-b', tree, file])
  const { stdout } = await execa('sha256sum', [file])
  const more = `Filename: pool/h/hello_1_amd64.deb\nSize: ${(await stat(file)).size}\nSHA256: ${stdout.split(' ')[0]}\n`
  return { stanza: parseStanzas(control + more)[0]!, file }
}

test('apt takes a package from the suite, and nothing from one that was changed', {
  skip,
}, async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-suite-'))
  context.after(() => rm(folder, { recursive: true }))
  const keys = path.join(folder, 'keys')
  const key = await openSuiteKey(keys)
  const suite = path.join(folder, 'debian')
  await writeSuite(suite, [await makePackage(folder)], key)
  const keyring = path.join(folder, 'keyring.gpg')
  await writeFile(keyring, key.publicKey)
  await download(folder, { suite, keyring })
  assert.ok((await stat(path.join(folder, 'hello_1_amd64.deb'))).isFile())

  const release = path.join(suite, 'dists/trixie/InRelease')
  await writeFile(
    release,
    (await readFile(release, 'utf8')).replace('Label: Muster', 'Label: Master'),
  )
  await assert.rejects(download(folder, { suite, keyring }), /not (trusted|signed)|BADSIG|invalid/i)
})

async function download(
  folder: string,
  { suite, keyring }: { suite: string; keyring: string },
): Promise<void> {
  const apt = path.join(folder, 'apt')
  await rm(apt, { recursive: true, force: true })
  for (const name of ['lists/partial', 'cache/archives/partial'])
    await mkdir(path.join(apt, name), { recursive: true })
  await writeFile(path.join(apt, 'status'), '')
  const list = path.join(apt, 'sources.list')
  await writeFile(list, `deb [signed-by=${keyring}] copy:${suite} trixie main\n`)
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::Lists=${apt}/lists`,
    `Dir::State::status=${apt}/status`,
    `Dir::Cache=${apt}/cache`,
    'APT::Architecture=amd64',
    'APT::Architectures=amd64',
    'APT::Sandbox::User=root',
    'APT::Update::Error-Mode=any',
  ].flatMap((option) => ['-o', option])
  await execa('apt-get', [...options, 'update'], { cwd: folder })
  await execa('apt-get', [...options, 'download', 'hello'], { cwd: folder })
}

test('the key is made once, and only its owner can read it', { skip }, async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-key-'))
  context.after(() => rm(folder, { recursive: true }))
  const keys = path.join(folder, 'keys')
  const first = await openSuiteKey(keys)
  assert.deepEqual((await openSuiteKey(keys)).publicKey, first.publicKey)
  assert.equal((await stat(keys)).mode & 0o777, 0o700)
  assert.equal((await stat(path.join(keys, 'secret.asc'))).mode & 0o777, 0o600)
  assert.ok(!Buffer.from(first.publicKey).includes('PRIVATE'))
})
