import path from 'node:path'
import { cacheFolder } from '@muster/base/state.ts'
import { execa } from 'execa'
import { type ReleaseName, releases } from './versions.ts'

/** The pinned Consul or Nomad where this machine already has it, in the cache or on PATH: tests never download or build. */
export async function presentBinary(name: ReleaseName): Promise<string | undefined> {
  const { version } = releases[name]
  for (const file of [path.join(cacheFolder(), 'bin', `${name}-${version}`), name]) {
    const run = await execa(file, ['version'], { reject: false })
    if (run.exitCode === 0 && run.stdout.startsWith(`${capitalised(name)} v${version}`)) return file
  }
  return undefined
}

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** The reason to skip a test that needs a binary, or false. */
export const skipWithout = (name: ReleaseName, binary: string | undefined): string | false =>
  binary ? false : `${name} ${releases[name].version} is not on this machine: run npm run up once`
