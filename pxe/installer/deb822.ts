/** One paragraph of Debian's control format, with its fields in order; values keep their continuation lines. */
export type Stanza = Map<string, string>

/** Paragraphs of a control, status, Packages or templates file. Lines before the first field are left out. */
export function parseStanzas(text: string): Stanza[] {
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .map(parseStanza)
    .filter((stanza) => stanza.size > 0)
}

function parseStanza(text: string): Stanza {
  const stanza: Stanza = new Map()
  let last: string | undefined
  for (const line of text.split('\n')) {
    const field = /^([^\s:#][^\s:]*):[ \t]*(.*)$/.exec(line)
    if (field) {
      last = field[1]!
      stanza.set(last, field[2]!)
    } else if (last && /^[ \t]/.test(line)) stanza.set(last, `${stanza.get(last)}\n${line}`)
  }
  return stanza
}

/** Every paragraph ends with an empty line, the last one too: the installer's debootstrap overlooks a package without it. */
export const formatStanzas = (stanzas: readonly Stanza[]): string =>
  stanzas
    .map((stanza) => [...stanza].map(([name, value]) => `${name}: ${value}\n`).join(''))
    .map((paragraph) => `${paragraph}\n`)
    .join('')
