import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { downloadPackages } from './debian-packages.ts'
import packages from './llama-packages.json' with { type: 'json' }
import type { Say } from './progress-sink.ts'
import { sha256Of } from './sha256.ts'

type Options = { cache: string; say: Say; signal: AbortSignal }

/** Names the pinned set: another pin is another folder, so running tasks keep theirs. */
export const llamaVersion = createHash('sha256')
  .update(JSON.stringify(packages))
  .digest('hex')
  .slice(0, 12)

/**
 * A folder with llama.cpp and the C library it needs, made of pinned Debian packages: it runs on any
 * older Debian, as the root of a task or through `muster-llama PROGRAM ARGS` in place. Needs no root.
 * @throws Error when a package is not the pinned one
 */
export async function obtainLlamaRoot({ cache, say, signal }: Options): Promise<string> {
  const root = path.join(cache, 'llama', llamaVersion)
  if (await isThere(path.join(root, 'muster-llama'))) return root
  await mkdir(path.dirname(root), { recursive: true })
  const work = await mkdtemp(`${root}.draft-`)
  try {
    say(`downloading llama.cpp (${Object.keys(packages.packages).length} packages)`)
    const debs = await downloadPinned({ folder: work, say, signal })
    say('unpacking llama.cpp')
    await unpack(debs, path.join(work, 'root'))
    // Its name says that it is whole, also after a power cut.
    await execa('sync', ['-f', path.join(work, 'root')])
    await rename(path.join(work, 'root'), root)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return root
}

type Download = { folder: string; say: Say; signal: AbortSignal }

/**
 * The pinned packages; where the mirror has moved on, its present ones, which apt checks against Debian's signature.
 * Either way one cluster runs one build: every node gets it from the appliance's artifact store.
 */
async function downloadPinned({ folder, say, signal }: Download): Promise<string[]> {
  const pins = Object.entries(packages.packages)
  const suite = { suite: packages.suite, folder, signal }
  try {
    const debs = await downloadPackages(
      pins.map(([name, pin]) => `${name}=${pin.version}`),
      suite,
    )
    await checkPackages(debs)
    return debs
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof WrongPackage) throw error
    say('the mirror no longer has the pinned llama.cpp packages; taking its present, signed ones')
    return downloadPackages(
      pins.map(([name]) => name),
      suite,
    )
  }
}

class WrongPackage extends Error {}

async function checkPackages(debs: readonly string[]): Promise<void> {
  const known = new Set(Object.values(packages.packages).map((pin) => pin.sha256))
  for (const deb of debs) {
    if (!known.has(await sha256Of(deb)))
      throw new WrongPackage(`${path.basename(deb)} is not the pinned package`)
  }
}

async function unpack(debs: readonly string[], root: string): Promise<void> {
  for (const folder of ['lib', 'lib64', 'bin', 'sbin']) {
    // The links of a merged /usr come first: packages write through them.
    await mkdir(path.join(root, 'usr', folder), { recursive: true })
    await symlink(`usr/${folder}`, path.join(root, folder))
  }
  for (const deb of debs) await execa('dpkg', ['-x', deb, root])
  for (const folder of [
    'usr/share/doc',
    'usr/share/man',
    'usr/share/locale',
    'usr/lib/x86_64-linux-gnu/gconv',
  ])
    await rm(path.join(root, folder), { recursive: true, force: true })
  // The few tools that the launcher and the start scripts of the jobs call.
  for (const tool of ['sh', 'sleep', 'dirname'])
    await symlink('busybox', path.join(root, 'usr/bin', tool))
  const launcher = await readFile(path.join(import.meta.dirname, 'muster-llama.sh'))
  await writeFile(path.join(root, 'muster-llama'), launcher, { mode: 0o755 })
}
