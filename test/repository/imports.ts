import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'

export const ROOT = path.join(import.meta.dirname, '../..')

/** One import: both ends relative to the root of the repository; `to` stays a package's name where it is npm's. */
export type Import = { from: string; to: string; typeOnly: boolean; ours: boolean }

const STATEMENT =
  /^\s*(?:import|export)\s+(type\s+)?(?:[\w*${}\s,]*?\sfrom\s+)?'([^']+)'|(?<!\|)\bimport\(\s*'([^']+)'/gm

/** The tracked and the new files of the repository, without what git ignores. */
export async function repositoryFiles(): Promise<string[]> {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard']
  const { stdout } = await execa('git', list, { cwd: ROOT })
  const present = await Promise.all(
    stdout.split('\n').map(async (file) => ((await textOf(file)) === undefined ? [] : [file])),
  )
  return present.flat()
}

/** A file's text, or undefined where it was deleted. */
export const textOf = (file: string): Promise<string | undefined> =>
  readFile(path.join(ROOT, file), 'utf8').catch(() => undefined)

export async function readImports(files: readonly string[]): Promise<Import[]> {
  const sources = files.filter((file) => /\.tsx?$/.test(file))
  const found = await Promise.all(
    sources.map(async (from) => importsIn(from, (await textOf(from)) ?? '')),
  )
  return found.flat()
}

/** Every import and re-export in one source text. */
export function importsIn(from: string, text: string): Import[] {
  return [...text.matchAll(STATEMENT)].map(([, type, named, dynamic]) => ({
    from,
    typeOnly: type !== undefined,
    ...resolve(from, named ?? dynamic ?? ''),
  }))
}

function resolve(from: string, name: string): Pick<Import, 'to' | 'ours'> {
  if (name.startsWith('@muster/')) return { to: name.slice('@muster/'.length), ours: true }
  if (name.startsWith('.')) return { to: path.join(path.dirname(from), name), ours: true }
  return { to: name, ours: false }
}

/** One cycle as the files along it, or undefined where there is none. */
export function findCycle(imports: readonly Import[]): string[] | undefined {
  const next = new Map<string, string[]>()
  for (const { from, to, ours } of imports)
    if (ours) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const visit = (file: string, trail: string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const to of next.get(file) ?? []) {
      const cycle = visit(to, [...trail, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}
