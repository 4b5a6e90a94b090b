import type { Import } from './imports.ts'

/** Folder to the places it may import, as the table of docs/ARCHITECTURE.md says. */
export type Arrows = ReadonlyMap<string, readonly string[]>

/** Reads the table under "Folders and arrows". @throws Error where it is not as expected */
export function readArrows(text: string): Arrows {
  const section = /## Folders and arrows\n([\s\S]*?)\n## /.exec(text)?.[1]
  if (!section) throw new Error('docs/ARCHITECTURE.md has no "Folders and arrows"')
  const arrows = new Map<string, string[]>()
  for (const row of section.split('\n').filter((line) => line.startsWith('| `'))) {
    const [, folders = '', , targets = ''] = row.split('|')
    const known = [...arrows.keys()]
    for (const folder of names(folders)) arrows.set(folder, targetsOf(targets, known))
  }
  return arrows
}

function targetsOf(cell: string, above: readonly string[]): string[] {
  if (cell.includes('all of the above')) return [...above]
  if (cell.trim() === 'all') return ['']
  return names(cell.replaceAll(/\(.*?\)/g, ''))
}

const names = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!.replace(/\/$/, ''))

/** The imports of ours that leave their folder against the arrows. */
export function againstArrows(imports: readonly Import[], arrows: Arrows): Import[] {
  return imports.filter(({ from, to, ours }) => {
    const folder = from.split('/')[0]!
    if (!ours || isBelow(to, folder)) return false
    return !(arrows.get(folder) ?? []).some((target) => isBelow(to, target))
  })
}

const isBelow = (file: string, folder: string): boolean =>
  folder === '' || file.startsWith(`${folder}/`)
