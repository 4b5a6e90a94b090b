import { privateFolder } from '@muster/base/atomic-file.ts'
import { cacheFolder } from '@muster/base/state.ts'
import { buildImage } from '@muster/pxe/image/build-image.ts'
import { buildLive } from '@muster/pxe/image/build-live.ts'
import { buildInstaller } from '@muster/pxe/installer/build-installer.ts'
import { buildIpxe } from '@muster/pxe/ipxe/build.ts'
import { readManifest } from '@muster/pxe/manifest.ts'
import { z } from 'zod'
import { type Command, EXIT, print, readLine, say } from './command.ts'

type Build = (options: {
  state: string
  cache: string
  say: (line: string) => void
  signal: AbortSignal
}) => Promise<void>

const usage = `builds what machines boot and install
  [--no-image] [--packages] [--json] [--state FOLDER]

Builds the iPXE binaries, the live system and the disk image, from Debian packages of this machine's mirror.
What did not change since the last build is kept. The first build takes minutes, and needs root.

  --no-image   without the disk image of image mode
  --packages   also the Debian installer and its packages, for package mode
  --json       one line of JSON at the end: what was built
`

/** Builds one part after the other: each says what it does. */
export const bootBuild: Command = {
  usage,
  async run(argv) {
    const { options, state, json } = readLine(argv, {
      'no-image': z.boolean().default(false),
      packages: z.boolean().default(false),
    })
    await privateFolder(state)
    const interrupted = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => interrupted.abort(new Error('interrupted')))
    const parts = partsOf({ image: !options['no-image'], packages: options.packages })
    for (const [title, build] of parts) await timed(title, state, build, interrupted.signal)
    const manifest = await readManifest(state)
    if (json) print(JSON.stringify({ state, manifest }))
    else print('Built. Next: npm run muster -- boot serve --interface NAME')
    return EXIT.ok
  },
}

function partsOf({ image, packages }: { image: boolean; packages: boolean }): [string, Build][] {
  return [
    ['iPXE', buildIpxe],
    ['live system', buildLive],
    ...(image ? ([['disk image', buildImage]] as [string, Build][]) : []),
    ...(packages ? ([['Debian installer', buildInstaller]] as [string, Build][]) : []),
  ]
}

async function timed(title: string, state: string, build: Build, signal: AbortSignal) {
  const began = performance.now()
  signal.throwIfAborted()
  await build({
    state,
    cache: cacheFolder(),
    say: (line) => say(`  … ${title}: ${line}`),
    signal,
  })
  say(`  ✓ ${title} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
}
