import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import type { Apt } from '@muster/cluster/debian-packages.ts'
import { ExecaError } from 'execa'
import type { Build } from '../image/stage.ts'
import { parseStanzas, type Stanza } from './deb822.ts'

/** A downloaded package with its entry in the mirror's signed index. */
export type Package = { stanza: Stanza; file: string }

const WITHOUT_RECOMMENDED = ['-o', 'APT::Install-Recommends=false']

/** Downloads packages with all they depend on into apt's own folder; apt checks each against Debian's signature. */
export async function downloadClosures(
  apt: Apt,
  closures: readonly (readonly string[])[],
  { say, folder }: Pick<Build, 'say'> & { folder: string },
): Promise<Package[]> {
  const wanted = new Set<string>()
  for (const names of closures) {
    const plan = await apt('apt-get', [...WITHOUT_RECOMMENDED, '-s', 'install', ...names])
    for (const each of parsePlan(plan)) wanted.add(each)
  }
  say(`downloading the packages of an installation (${wanted.size})`)
  for (const names of closures)
    await explained(() => apt('apt-get', [...WITHOUT_RECOMMENDED, '-y', '-d', 'install', ...names]))
  return describe(apt, { wanted: [...wanted].sort(), folder: archives(folder) })
}

/** Downloads exactly these packages, without what they need. Those already there are not asked for again. */
export async function downloadOnly(
  apt: Apt,
  names: readonly string[],
  folder: string,
): Promise<Package[]> {
  const packages: Package[] = []
  for (const name of names) packages.push(await lookUp(apt, name, archives(folder)))
  const missing: string[] = []
  for (const { stanza, file } of packages)
    if (!(await isThere(file))) missing.push(`${stanza.get('Package')}=${stanza.get('Version')}`)
  if (missing.length > 0)
    await explained(() => apt('apt-get', ['download', ...missing], archives(folder)))
  return packages
}

async function lookUp(apt: Apt, name: string, folder: string): Promise<Package> {
  const text = await apt('apt-cache', ['--no-all-versions', 'show', name]).catch((error) => {
    throw lacking([name], error)
  })
  const [stanza] = parseStanzas(text)
  return { stanza: stanza!, file: path.join(folder, fileName(stanza!)) }
}

/** `name=version` of every package that `apt-get -s install` would install. */
export const parsePlan = (plan: string): string[] =>
  [...plan.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /gm)].map(
    ([, name, version]) => `${name}=${version}`,
  )

async function describe(
  apt: Apt,
  { wanted, folder }: { wanted: readonly string[]; folder: string },
): Promise<Package[]> {
  const stanzas = parseStanzas(await apt('apt-cache', ['show', ...wanted]))
  return stanzas.map((stanza) => ({ stanza, file: path.join(folder, fileName(stanza)) }))
}

const archives = (folder: string): string => path.join(folder, 'apt/cache/archives')

/** The name that apt gives a downloaded package: its version with the epoch, which the mirror leaves out. */
export function fileName(stanza: Stanza): string {
  const kind = path.extname(stanza.get('Filename') ?? '') || '.deb'
  const version = stanza.get('Version')!.replaceAll(':', '%3a')
  return `${stanza.get('Package')}_${version}_${stanza.get('Architecture')}${kind}`
}

/** What the mirror lacks, by name, instead of apt's own words. */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const stderr = error instanceof ExecaError ? String(error.stderr) : ''
    const missing = missingFiles(stderr)
    if (missing.length === 0) throw error
    throw lacking(missing, error)
  }
}

const lacking = (names: readonly string[], cause: unknown): Error =>
  new Error(
    `the Debian mirror lacks ${names.join(', ')}. Try again when it is complete, or set MUSTER_DEBIAN_MIRROR to another one.`,
    { cause },
  )

/** Package files that the mirror refused, in the errors of apt. */
export const missingFiles = (stderr: string): string[] =>
  [...stderr.matchAll(/Failed to fetch \S*\/([^/\s]+?\.u?deb)\s+[45]\d\d /g)]
    .map(([, name]) => decodeURIComponent(name!))
    .sort()
