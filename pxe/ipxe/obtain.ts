import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { downloadPackages } from '@muster/cluster/debian-packages.ts'
import { execa } from 'execa'

export type Tools = { cache: string; say: (line: string) => void; signal: AbortSignal }

const SUITE = 'trixie'
const VERSION = '1.21.1+git20250501.dad20602+dfsg-1'

/**
 * A folder with Debian's iPXE binaries, kept in the cache. apt checks Debian's signature.
 * Takes the present package where the mirror no longer has the pinned one.
 */
export async function obtainIpxe({ cache, say, signal }: Tools): Promise<string> {
  const kept = path.join(cache, 'ipxe', VERSION)
  if (await isThere(kept)) return kept
  await mkdir(path.dirname(kept), { recursive: true })
  const work = await mkdtemp(`${kept}.draft-`)
  try {
    say(`downloading iPXE ${VERSION}`)
    const [deb = ''] = await download({ work, say, signal })
    await execa('dpkg', ['-x', deb, path.join(work, 'root')], { cancelSignal: signal })
    const binaries = path.join(work, 'root/usr/lib/ipxe')
    await execa('sync', ['-f', binaries])
    await rename(binaries, kept)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return kept
}

type Download = { work: string; say: Tools['say']; signal: AbortSignal }

async function download({ work, say, signal }: Download): Promise<string[]> {
  const from = { suite: SUITE, folder: work, signal }
  try {
    return await downloadPackages([`ipxe=${VERSION}`], from)
  } catch {
    signal.throwIfAborted()
    say('the mirror no longer has the pinned iPXE; taking its present, signed one')
    return downloadPackages(['ipxe'], from)
  }
}
