import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { bootFiles } from '@muster/base/state.ts'
import { privateApt } from '@muster/cluster/debian-packages.ts'
import type { Say } from '@muster/cluster/progress-sink.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import { execa } from 'execa'
import { readManifest } from '../manifest.ts'
import { downloadClosures } from './closure.ts'
import { obtainInstaller, ownTexts, type Sources } from './netboot.ts'
import { CLOSURES, SUITE } from './packages.ts'
import { isBuilt, publishFiles, publishSuite } from './publish.ts'
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
  await publishFiles(state, { version, installer, suiteKey: key.publicKey })
  await sources.system('apt-get', ['autoclean'])
  say('the installer is ready')
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
  const inputs = [...hashes, keyHash, ...(await ownTexts())]
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12)
}
