import { createHash } from 'node:crypto'
import { chmod, constants, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isThere, publishFile } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import type { Say } from './progress-sink.ts'
import { type ReleaseName, releases } from './versions.ts'

type Options = { cache: string; say: Say; signal: AbortSignal }

/**
 * The path of Consul or Nomad in the pinned version: from PATH, from the vendor, or built from its Go module.
 * The result is kept in `<cache>/bin`, so a second call takes no time.
 * @throws Error naming what to install when none of the three ways works
 */
export async function obtainBinary(name: ReleaseName, options: Options): Promise<string> {
  const { version } = releases[name]
  const kept = path.join(options.cache, 'bin', `${name}-${version}`)
  if (await isVersion(kept, version)) return kept
  const onPath = await findOnPath(name, version)
  if (onPath) return onPath
  await mkdir(path.dirname(kept), { recursive: true })
  const vendor = await fromVendor(name, kept, options).catch((error: Error) => error)
  if (!(vendor instanceof Error)) return kept
  options.say(
    `the vendor's release can't be had here (${vendor.message}); building it takes 3 to 5 minutes`,
  )
  await fromModule(name, kept, options)
  return kept
}

async function isVersion(file: string, version: string): Promise<boolean> {
  const run = await execa(file, ['version'], {
    reject: false,
    timeout: 20_000,
    env: { CHECKPOINT_DISABLE: '1' },
  })
  return run.exitCode === 0 && (run.stdout.split('\n')[0] ?? '').includes(`v${version}`)
}

async function findOnPath(name: ReleaseName, version: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, name)
    const executable = await isThere(file, constants.X_OK)
    if (executable && (await isVersion(file, version))) return file
  }
  return undefined
}

async function fromVendor(
  name: ReleaseName,
  target: string,
  { say, signal }: Options,
): Promise<void> {
  const { url, sha256, version } = releases[name]
  say(`downloading ${name} ${version}`)
  // The first byte decides: where the vendor is out of reach, building starts after seconds, not minutes.
  const patience = AbortSignal.any([signal, AbortSignal.timeout(300_000)])
  const answer = await fetch(url, { signal: patience }).catch((error: Error) => {
    throw new Error(`no answer: ${(error.cause as Error | undefined)?.message ?? error.message}`)
  })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  const archive = Buffer.from(await answer.arrayBuffer())
  const found = createHash('sha256').update(archive).digest('hex')
  if (found !== sha256) throw new Error(`its SHA-256 is ${found}, pinned is ${sha256}`)
  await unzipInto(archive, name, target)
}

/** Python's zip module is on every machine that can run Ansible; unzip often is not there. */
async function unzipInto(archive: Buffer, member: string, target: string): Promise<void> {
  const folder = await mkdtemp(`${target}.unzip-`)
  try {
    const zip = path.join(folder, 'release.zip')
    await writeFile(zip, archive)
    await execa('python3', ['-m', 'zipfile', '-e', zip, folder])
    await chmod(path.join(folder, member), 0o755)
    await publishFile(path.join(folder, member), target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const MODULES = path.join(import.meta.dirname, 'binaries')

async function fromModule(
  name: ReleaseName,
  target: string,
  { say, signal }: Options,
): Promise<void> {
  const { module, buildFlags, version } = releases[name]
  const go = await execa('go', ['version'], { reject: false })
  if (go.exitCode !== 0)
    throw new Error(
      `${name} ${version} is not here and can't be built: install Go 1.25 or later and a C compiler, or put ${name} ${version} on PATH`,
    )
  const draft = `${target}.draft`
  const lines: string[] = []
  const build = execa(
    'go',
    [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags',
      '-s -w',
      ...buildFlags,
      '-o',
      draft,
      module,
    ],
    { cwd: path.join(MODULES, name), cancelSignal: signal, all: true, buffer: false },
  )
  let shown = ''
  const ticker = setInterval(() => {
    // Go is silent while it compiles.
    const line = lines.at(-1) ?? ''
    say(`building ${name} ${version}: ${line === shown ? 'compiling' : line}`)
    shown = line
  }, 5_000)
  try {
    for await (const line of build.iterable({ from: 'all' })) lines.push(line)
    await build
  } catch {
    throw new Error(`building ${name} failed: ${lines.slice(-3).join(' | ')}`)
  } finally {
    clearInterval(ticker)
  }
  await publishFile(draft, target)
}
