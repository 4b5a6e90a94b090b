import { copyFile, link, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { execa } from 'execa'
import type { Package } from './closure.ts'
import { formatStanzas } from './deb822.ts'
import { SUITE } from './packages.ts'
import type { SuiteKey } from './suite-key.ts'

const FIELDS = {
  Origin: 'Muster',
  Label: 'Muster',
  Suite: 'stable',
  Codename: SUITE,
  Architectures: 'amd64',
  Components: 'main',
  Description: 'Packages of an installation, from the mirror of this appliance',
}

/** Writes a small Debian archive into an empty folder: the pool, its index and the signed Release. */
export async function writeSuite(
  folder: string,
  packages: readonly Package[],
  key: SuiteKey,
): Promise<void> {
  for (const { stanza, file } of packages) {
    const place = path.join(folder, stanza.get('Filename')!)
    await mkdir(path.dirname(place), { recursive: true })
    await shareFile(file, place)
  }
  const dists = path.join(folder, 'dists', SUITE)
  const binary = path.join(dists, 'main/binary-amd64')
  await mkdir(binary, { recursive: true })
  const index = formatStanzas(packages.map(({ stanza }) => stanza))
  await writeFile(path.join(binary, 'Packages'), index)
  await writeFile(path.join(binary, 'Packages.gz'), await promisify(gzip)(index))
  // debootstrap asks for this file and says "architecture not supported" without it.
  await writeFile(
    path.join(binary, 'Release'),
    'Component: main\nArchitecture: amd64\nArchive: stable\n',
  )
  await signRelease(dists, key)
  // The installer asks for the release by this name first.
  await symlink(SUITE, path.join(folder, 'dists/stable'))
}

async function signRelease(dists: string, key: SuiteKey): Promise<void> {
  const options = Object.entries(FIELDS).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ])
  const run = await execa('apt-ftparchive', [...options, 'release', '.'], {
    cwd: dists,
    stripFinalNewline: false,
  })
  const { inRelease, releaseGpg } = await key.sign(run.stdout)
  await writeFile(path.join(dists, 'Release'), run.stdout)
  await writeFile(path.join(dists, 'Release.gpg'), releaseGpg)
  await writeFile(path.join(dists, 'InRelease'), inRelease)
}

/** One file under two names, or a copy where the cache is on another disk. */
async function shareFile(file: string, place: string): Promise<void> {
  try {
    await link(file, place)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await copyFile(file, place)
  }
}
