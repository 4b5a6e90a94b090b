import { cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { bootFiles, cacheFolder } from '@muster/base/state.ts'
import { buildInstaller } from '@muster/pxe/installer/build-installer.ts'
import { buildIpxe } from '@muster/pxe/ipxe/build.ts'
import { addToManifest, readManifest } from '@muster/pxe/manifest.ts'
import { execa } from 'execa'

const STATE = path.join(cacheFolder(), 'test/package-mode')

/** Builds what machines boot where the mirror is in reach; a test's own network has no way out. */
export async function prepareInstaller(say: (line: string) => void): Promise<void> {
  const options = {
    state: STATE,
    cache: cacheFolder(),
    say: (detail: string) => say(`  ${detail}`),
    signal: new AbortController().signal,
  }
  await buildIpxe(options)
  await buildInstaller(options)
}

/** Gives a state folder what was built: by links where it can, so that it takes no time and no room. */
export async function takeInstaller(state: string): Promise<void> {
  const { folder } = bootFiles(state)
  await mkdir(path.dirname(folder), { recursive: true })
  const linked = await execa('cp', ['-al', bootFiles(STATE).folder, folder], { reject: false })
  if (linked.exitCode !== 0)
    await cp(bootFiles(STATE).folder, folder, { recursive: true, verbatimSymlinks: true })
  const { installer } = await readManifest(state)
  // A machine is accepted only where a live system could inspect it; here it is played and none is fetched.
  await addToManifest(state, { live: { kernel: installer!.kernel, initrd: installer!.initrd } })
}
