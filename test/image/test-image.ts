import { randomBytes } from 'node:crypto'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cacheFolder } from '@muster/base/state.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import { obtainLive } from '@muster/pxe/image/build-live.ts'
import { makeDisk } from '@muster/pxe/image/disk.ts'
import type { Build } from '@muster/pxe/image/stage.ts'
import { obtainTools, type Tools } from '@muster/pxe/image/tools.ts'

/** What builds for tests: the machine's own cache, silently. */
export const testBuild: Build = {
  cache: cacheFolder(),
  say: () => {},
  signal: new AbortController().signal,
}

export type TestImage = { raw: string; file: string; sha256: string; bytes: number; size: number }

/** An image with the layout of the real one and a root of 12 MB that cannot be compressed. */
export async function makeTestImage(folder: string): Promise<TestImage> {
  const tools = await obtainTools(testBuild)
  const root = path.join(folder, 'root')
  for (const name of ['etc', 'root', 'boot'])
    await mkdir(path.join(root, name), { recursive: true })
  await writeFile(path.join(root, 'noise'), randomBytes(12_000_000))
  const raw = await makeDisk(tools, { root, folder })
  const file = path.join(folder, 'image.raw.zst')
  await tools.run('bin/zstd', ['-q', raw, '-o', file])
  return {
    ...{ raw, file, sha256: await sha256Of(file) },
    ...{ bytes: (await stat(file)).size, size: (await stat(raw)).size },
  }
}

/** Kernel and initrd of the live system, for `direct`. */
export async function liveSystem(): Promise<{ kernel: string; initrd: string }> {
  const folder = await obtainLive(testBuild)
  return { kernel: path.join(folder, 'kernel'), initrd: path.join(folder, 'initrd') }
}

export const testTools = (): Promise<Tools> => obtainTools(testBuild)
