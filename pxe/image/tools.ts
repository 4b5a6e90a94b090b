import path from 'node:path'
import { execa, type Options, type ResultPromise } from 'execa'
import { bootstrap } from './bootstrap.ts'
import { TOOL_PACKAGES } from './packages.ts'
import { type Build, stage } from './stage.ts'

/** Debian 13's own programs, unpacked beside this machine's and run through their own loader. */
export type Tools = { root: string; run: Run }
type Run = (program: string, args: readonly string[], options?: Options) => ResultPromise

/** Unpacks the programs that build, once (about 15 s). */
export async function obtainTools(build: Build): Promise<Tools> {
  const root = await stage(build, {
    name: 'tools',
    inputs: TOOL_PACKAGES,
    make: (target) => {
      build.say('unpacking the programs that build')
      return bootstrap(build, { target, variant: 'extract', packages: TOOL_PACKAGES })
    },
  })
  return { root, run: runner(root, build.signal) }
}

function runner(root: string, signal: AbortSignal): Run {
  const libraries = path.join(root, 'usr/lib/x86_64-linux-gnu')
  const loader = path.join(libraries, 'ld-linux-x86-64.so.2')
  return (program, args, options = {}) =>
    execa(loader, ['--library-path', libraries, path.join(root, 'usr', program), ...args], {
      cancelSignal: signal,
      ...options,
      env: { MKE2FS_CONFIG: path.join(root, 'etc/mke2fs.conf'), ...options.env },
    })
}
