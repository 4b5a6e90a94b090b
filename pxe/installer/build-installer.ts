import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { isThere, replaceFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import { privateApt } from '@muster/cluster/debian-packages.ts'
import type { Say } from '@muster/cluster/progress-sink.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import { execa } from 'execa'
import type { BootFile } from '../contract/manifest.ts'
import { keyOf } from '../image/stage.ts'
import { addToManifest, readManifest } from '../manifest.ts'
import { downloadClosures } from './closure.ts'
import { obtainInstaller, ownTexts, type Sources } from './netboot.ts'
import { CLOSURES, SUITE } from './packages.ts'
import { writeSuite } from './suite.ts'
import { openSuiteKey, type SuiteKey } from './suite-key.ts'

export type BuildInstaller = { state: string; cache: string; say: Say; signal: AbortSignal }

/** Programs that are asked for, each with its Debian package. */
const PROGRAMS = { 'apt-ftparchive': 'apt-utils', cpio: 'cpio', depmod: 'kmod', gpg: 'gnupg' }

/**
 * Package mode's files: Debian's installer, and the packages of an installation as an archive of this appliance.
 * A second run takes seconds when the mirror has nothing newer.
 * @throws Error that names what the mirror lacks, before any machine is asked to install
 */
export async function buildInstaller(options: BuildInstaller): Promise<void> {
  const { state, cache, say, signal } = options
  await needPrograms()
  const folder = path.join(cache, 'installer')
  const sources = await openSources(folder, signal)
  if (!(await update(sources, options))) return
  const key = await openSuiteKey(path.join(bootFiles(state).folder, 'suite-key'))
  const version = await versionOf(folder, key)
  if (await isBuilt(state, version)) return say('the installer is up to date')
  const packages = await downloadClosures(sources.system, CLOSURES, { say, folder })
  const installer = await obtainInstaller({ sources, build: options, suiteKey: key.publicKey })
  say(`writing the archive of this appliance (${packages.length} packages)`)
  await publishSuite(state, version, (draft) => writeSuite(draft, packages, key))
  await publishFiles(options, { version, installer, key })
  await sources.system('apt-get', ['autoclean'])
}

/** Apart from each other: the installer's parts have priorities, too, and would be taken for the system's. */
async function openSources(folder: string, signal: AbortSignal): Promise<Sources> {
  const parts = path.join(folder, 'parts')
  return {
    folder,
    system: await privateApt({ suite: SUITE, folder, signal, security: true }),
    parts: await privateApt({
      suite: SUITE,
      folder: parts,
      signal,
      components: 'main/debian-installer',
    }),
    partsFolder: parts,
  }
}

async function needPrograms(): Promise<void> {
  const missing: string[] = []
  for (const [program, name] of Object.entries(PROGRAMS)) {
    const found = await execa('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`], {
      reject: false,
    })
    if (found.exitCode !== 0) missing.push(name)
  }
  if (missing.length > 0)
    throw new Error(`building the installer needs: apt-get install ${missing.join(' ')}`)
}

/** @returns false where the mirror is out of reach and an earlier build serves */
async function update(
  { system, parts }: Sources,
  { state, say, signal }: BuildInstaller,
): Promise<boolean> {
  say('asking the mirror what is new')
  try {
    for (const apt of [system, parts])
      await apt('apt-get', ['-o', 'APT::Update::Error-Mode=any', 'update'])
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (!(await readManifest(state)).installer) throw error
    say('the Debian mirror is out of reach; the installer that was built before stays')
    return false
  }
}

/** Names what would be built: the mirror's indexes, our own lists and files, and the key. */
async function versionOf(folder: string, key: SuiteKey): Promise<string> {
  const hashes: string[] = []
  for (const lists of [path.join(folder, 'apt/lists'), path.join(folder, 'parts/apt/lists')])
    for (const file of (await readdir(lists)).sort())
      if (/_Packages(\.\w+)?$/.test(file)) hashes.push(await sha256Of(path.join(lists, file)))
  const keyHash = createHash('sha256').update(key.publicKey).digest('hex')
  return keyOf([...hashes, keyHash, JSON.stringify(CLOSURES), ...(await ownTexts())])
}

async function isBuilt(state: string, version: string): Promise<boolean> {
  const { www, debian } = bootFiles(state)
  const { installer } = await readManifest(state)
  if (installer?.kernel.file !== `installer/${version}/linux`) return false
  const suite = await readlink(debian).catch(() => '')
  return suite === `debian-${version}` && isThere(path.join(www, installer.initrd.file))
}

/** Fills a folder beside the served one and puts it in its place at once. */
async function publishSuite(
  state: string,
  version: string,
  write: (draft: string) => Promise<void>,
): Promise<void> {
  const { folder, debian } = bootFiles(state)
  const target = path.join(folder, `debian-${version}`)
  await rm(target, { recursive: true, force: true })
  await write(target)
  await execa('sync', ['-f', target])
  await rm(`${debian}.draft`, { force: true })
  await symlink(path.basename(target), `${debian}.draft`)
  await rename(`${debian}.draft`, debian)
  await forget(folder, /^debian-[0-9a-f]{12}$/, path.basename(target))
}

type Files = { version: string; installer: string; key: SuiteKey }

async function publishFiles(
  { state, say }: BuildInstaller,
  { version, installer, key }: Files,
): Promise<void> {
  const { www } = bootFiles(state)
  const folder = path.join(www, 'installer', version)
  await mkdir(folder, { recursive: true })
  for (const name of ['linux', 'initrd.gz'])
    await copyFile(path.join(installer, name), path.join(folder, name))
  await replaceFile(path.join(folder, 'suite-key.gpg'), key.publicKey, 0o644)
  await execa('sync', ['-f', folder])
  const file = (name: string) => describe(www, `installer/${version}/${name}`)
  const [kernel, initrd, suiteKey] = await Promise.all(
    ['linux', 'initrd.gz', 'suite-key.gpg'].map(file),
  )
  await addToManifest(state, {
    installer: { kernel: kernel!, initrd: initrd!, suiteKey: suiteKey!, suite: SUITE },
  })
  await forget(path.join(www, 'installer'), /./, version)
  say('the installer is ready')
}

async function describe(www: string, file: string): Promise<BootFile> {
  const whole = path.join(www, file)
  return { file, sha256: await sha256Of(whole), bytes: (await stat(whole)).size }
}

async function forget(folder: string, pattern: RegExp, keep: string): Promise<void> {
  for (const entry of await readdir(folder))
    if (pattern.test(entry) && entry !== keep)
      await rm(path.join(folder, entry), { recursive: true, force: true })
}
