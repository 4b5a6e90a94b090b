import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { execa } from 'execa'
import { addToManifest, readManifest } from '../manifest.ts'
import { buildInstaller } from './build-installer.ts'

const tools = await execa('sh', ['-c', 'command -v apt-get apt-ftparchive cpio gpg'], {
  reject: false,
})
const skip = tools.exitCode === 0 ? false : 'needs apt-get, apt-ftparchive, cpio and gpg'
const FILE = { sha256: 'ab'.repeat(32), bytes: 1 }
const INSTALLER = {
  kernel: { file: 'installer/1/linux', ...FILE },
  initrd: { file: 'installer/1/initrd.gz', ...FILE },
  suiteKey: { file: 'installer/1/suite-key.gpg', ...FILE },
  suite: 'trixie',
}

/** No sources of this machine's own, and no patience. */
const APT =
  'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\nAcquire::Retries "0";\n'

/** Nobody listens at port 1: apt gets its refusal at once. */
async function withoutMirror(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-installer-'))
  const before = { ...process.env }
  await writeFile(path.join(folder, 'apt.conf'), APT)
  process.env.APT_CONFIG = path.join(folder, 'apt.conf')
  process.env.MUSTER_DEBIAN_MIRROR = 'http://127.0.0.1:1/debian'
  context.after(async () => {
    process.env = before
    await rm(folder, { recursive: true })
  })
  return folder
}

async function build(folder: string): Promise<string[]> {
  const said: string[] = []
  await buildInstaller({
    state: path.join(folder, 'state'),
    cache: path.join(folder, 'cache'),
    say: (line) => said.push(line),
    signal: AbortSignal.timeout(60_000),
  })
  return said
}

test('without its mirror nothing is built the first time; later what is there stays', {
  skip,
}, async (t) => {
  const folder = await withoutMirror(t)
  await assert.rejects(build(folder), /127\.0\.0\.1:1/)
  const state = path.join(folder, 'state')
  await addToManifest(state, { installer: INSTALLER })
  assert.match((await build(folder)).at(-1)!, /mirror is out of reach.*stays/)
  assert.deepEqual((await readManifest(state)).installer, INSTALLER)
})
