import { copyFile, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { isThere, replaceFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import { execa } from 'execa'
import type { BootFile } from '../contract/manifest.ts'
import { addToManifest, readManifest } from '../manifest.ts'
import { SUITE } from './packages.ts'

/** Whether the manifest and the served archive are of this version. */
export async function isBuilt(state: string, version: string): Promise<boolean> {
  const { www, debian } = bootFiles(state)
  const { installer } = await readManifest(state)
  if (installer?.kernel.file !== `installer/${version}/linux`) return false
  const suite = await readlink(debian).catch(() => '')
  return suite === `debian-${version}` && isThere(path.join(www, installer.initrd.file))
}

/** Fills a folder beside the served one and puts it in its place at once. */
export async function publishSuite(
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

type Files = { version: string; installer: string; suiteKey: Uint8Array }

/** Puts the installer where machines fetch it and records it; then older versions go. */
export async function publishFiles(
  state: string,
  { version, installer, suiteKey }: Files,
): Promise<void> {
  const { www } = bootFiles(state)
  const folder = path.join(www, 'installer', version)
  await mkdir(folder, { recursive: true })
  for (const name of ['linux', 'initrd.gz'])
    await copyFile(path.join(installer, name), path.join(folder, name))
  await replaceFile(path.join(folder, 'suite-key.gpg'), suiteKey, 0o644)
  await execa('sync', ['-f', folder])
  const file = (name: string) => describe(www, `installer/${version}/${name}`)
  const [kernel, initrd, keyring] = await Promise.all(
    ['linux', 'initrd.gz', 'suite-key.gpg'].map(file),
  )
  await addToManifest(state, {
    installer: { kernel: kernel!, initrd: initrd!, suiteKey: keyring!, suite: SUITE },
  })
  await forget(path.join(www, 'installer'), /./, version)
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
