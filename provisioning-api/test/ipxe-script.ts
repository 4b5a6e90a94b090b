import assert from 'node:assert/strict'

/** What our scripts may do at all. */
const COMMANDS = new Set(
  'echo set inc iseq isset goto sleep chain exit sanboot kernel initrd boot imgfree cpuid'.split(
    ' ',
  ),
)
/** What a script may ask iPXE to fill in: all of it written by us, none of it by a machine. */
const SETTINGS = new Set([
  'ask',
  'buildarch',
  'cpu',
  'i',
  'macs',
  'manufacturer:uristring',
  'net${i}/mac',
  'net${i}/mac:hexhyp',
  'net0/chip:uristring',
  'platform',
  'polls',
  'product:uristring',
  'serial:uristring',
  'starts',
  'told',
  'tries',
  'uuid',
])

export type Command = { name: string; words: string[] }

/**
 * Reads a script the way iPXE does: one line is commands between `&&` and `||` that stand alone, a word that
 * begins with `#` ends it, and `${...}` is filled in.
 * @throws AssertionError for anything that our scripts must not have
 */
export function readScript(script: string): Command[] {
  assert.match(script, /^#!ipxe\n/)
  assert.match(script, /^[\x20-\x7e\n]*$/, 'only printable ASCII')
  const lines = script.split('\n').slice(1)
  const labels = new Set(lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1)))
  const commands = lines
    .filter((line) => line && !line.startsWith('#') && !line.startsWith(':'))
    .flatMap(commandsOf)
  for (const { name, words } of commands) {
    assert.ok(COMMANDS.has(name), `unknown command: ${name} ${words.join(' ')}`)
    if (name === 'goto') assert.ok(labels.has(words[0] ?? ''), `no label ${words[0]}`)
    for (const word of words) checkSettings(word)
  }
  return commands
}

function commandsOf(line: string): Command[] {
  const words = line.split(' ').filter(Boolean)
  assert.ok(!words.some((word) => word.startsWith('#')), `a comment inside of: ${line}`)
  const commands: string[][] = [[]]
  for (const word of words)
    if (word === '&&' || word === '||') commands.push([])
    else commands.at(-1)?.push(word)
  return commands
    .filter((command) => command.length > 0)
    .map(([name = '', ...rest]) => ({ name, words: rest }))
}

function checkSettings(word: string): void {
  const inner = word.replaceAll('net${i}', 'net<i>')
  for (const [, name = ''] of inner.matchAll(/\$\{([^}]*)\}/g))
    assert.ok(SETTINGS.has(name.replaceAll('<i>', '${i}')), `fills in ${name}`)
  assert.equal(inner.replaceAll(/\$\{[^}]*\}/g, '').includes('${'), false, word)
}
