import { parseStanzas, type Stanza } from './deb822.ts'
import { PROVIDED } from './packages.ts'

/** Asks the network for more parts; here all of them are in the first root. */
const NOT_NEEDED = ['download-installer']
const FIELDS = ['Package', 'Version', 'Depends', 'Provides', 'Description', 'Installer-Menu-Item']

/** The installer's list of its parts with ours in it, as if the first root had been built with them. */
export function mergedStatus(netboot: string, udebs: readonly Stanza[]): Stanza[] {
  const there = parseStanzas(netboot).filter((part) => !NOT_NEEDED.includes(part.get('Package')!))
  const ours: Stanza = new Map([
    ['Package', 'muster-installer'],
    ['Version', '1'],
    ['Provides', PROVIDED.join(', ')],
    ['Description', 'Drivers and file system tools of this appliance'],
  ])
  const more = [...udebs, ours].map((part) => unpacked(part))
  return [...there, ...more].sort((a, b) => (a.get('Package')! < b.get('Package')! ? -1 : 1))
}

function unpacked(part: Stanza): Stanza {
  const stanza: Stanza = new Map()
  for (const field of FIELDS) {
    const value = part.get(field)
    if (value !== undefined) stanza.set(field, value.split('\n')[0]!)
    if (field === 'Package') stanza.set('Status', 'install ok unpacked')
  }
  return stanza
}

/** Dependencies that no part meets: `part: dependency`. The installer's menu would stop at them. */
export function unmetDependencies(parts: readonly Stanza[]): string[] {
  const there = new Set(
    parts.flatMap((part) => [part.get('Package')!, ...names(part.get('Provides'))]),
  )
  return parts.flatMap((part) =>
    (part.get('Depends') ?? '')
      .split(',')
      .filter((dependency) => dependency.trim() !== '')
      .filter((dependency) => !alternatives(dependency).some((name) => there.has(name)))
      .map((dependency) => `${part.get('Package')}: ${dependency.trim()}`),
  )
}

const names = (list = ''): string[] => list.split(',').map(nameOf).filter(Boolean)
const alternatives = (dependency: string): string[] => dependency.split('|').map(nameOf)
const nameOf = (text: string): string => text.trim().split(/[ (]/)[0]!

/**
 * Templates of questions in English only. All languages are 3.5 MB, which the installer reads at every start.
 */
export function withoutTranslations(templates: string): Stanza[] {
  return parseStanzas(templates).map(
    (stanza) =>
      new Map([...stanza].filter(([field]) => !/-(?!C\.)[A-Za-z_@]+\.UTF-8$/.test(field))),
  )
}
