import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyManifest } from '@muster/pxe/contract/manifest.ts'
import type { HeardServer } from '@muster/pxe/dhcp/probe.ts'
import { Interfaces, judgeAddress } from './address.ts'
import { judgeArtifacts } from './artifacts.ts'
import { judgeBridge } from './bridge.ts'
import { judgeServers } from './dhcp-servers.ts'
import { judgeDiskSpace } from './disk-space.ts'
import type { Finding } from './finding.ts'
import { judgeClock, judgeMirror } from './mirror.ts'
import { judgeMuster } from './muster-runs.ts'
import { judgePorts, type Listener, parseListeners } from './ports.ts'
import { judgeBuffer, socketBuffer } from './receive-buffer.ts'
import { judgeRefused } from './refused.ts'

const PLACE = { interface: 'eth0', address: '10.77.0.2' }
const PROXY = { ...PLACE, mode: 'proxy' } as const
const FULL = { ...PLACE, mode: 'full' } as const

/** Each case: what was found out, the states of the findings, and what their texts and fixes say. */
function cases(rows: Record<string, [Finding | readonly Finding[], string, RegExp]>): void {
  for (const [name, [found, states, says]] of Object.entries(rows))
    test(name, () => {
      const findings = [found].flat() as Finding[]
      assert.equal(findings.map(({ state }) => state).join(' '), states)
      assert.match(findings.map(({ text, fix }) => `${text} ${fix ?? ''}`).join('\n'), says)
      for (const { state, fix } of findings) assert.equal(fix === null, state === 'ok')
    })
}

const heard = (address: string, gives: boolean, boots: boolean): HeardServer => ({
  address,
  gives,
  boots,
})
const ROUTER = heard('10.77.0.254', true, false)
const US = heard('10.77.0.2', false, true)

cases({
  'proxy: the router and we': [judgeServers(PROXY, [ROUTER, US]), 'ok', /only the router/],
  'proxy: nobody gives addresses': [judgeServers(PROXY, [US]), 'bad', /--mode full/],
  'proxy: two give addresses': [
    judgeServers(PROXY, [ROUTER, heard('10.77.0.9', true, false)]),
    'warn',
    /10\.77\.0\.254 and 10\.77\.0\.9/,
  ],
  'proxy: a second proxy': [
    judgeServers(PROXY, [ROUTER, heard('10.77.0.9', false, true)]),
    'bad',
    /10\.77\.0\.9 tells machines to boot.*Stop that proxy/,
  ],
  'proxy: the router has boot options': [
    judgeServers(PROXY, [heard('10.77.0.254', true, true)]),
    'bad',
    /options 66 and 67/,
  ],
  'full: nobody else': [judgeServers(FULL, [heard('10.77.0.2', true, true)]), 'ok', /no other/],
  'full: a router': [judgeServers(FULL, [ROUTER]), 'bad', /--mode proxy/],
})

const listener = (more: Partial<Listener>): Listener => ({
  port: 67,
  address: '0.0.0.0',
  device: undefined,
  program: 'dhcpd',
  pid: 9,
  ...more,
})
const WANTED = [{ port: 67, what: 'DHCP', ours: [7] }]

cases({
  'ports: free': [judgePorts(WANTED, [], PLACE), 'ok', /67/],
  'ports: ours': [judgePorts(WANTED, [listener({ pid: 7 })], PLACE), 'ok', /ours/],
  'ports: taken': [
    judgePorts(WANTED, [listener({})], PLACE),
    'bad',
    /67 .*dhcpd \(pid 9\).*ss -lnp/,
  ],
  'ports: taken on another interface': [
    judgePorts(WANTED, [listener({ device: 'virbr0' })], PLACE),
    'ok',
    /67/,
  ],
  'ports: taken on our interface': [
    judgePorts(WANTED, [listener({ device: 'eth0' })], PLACE),
    'bad',
    /dhcpd/,
  ],
  'ports: taken on another address': [
    judgePorts(WANTED, [listener({ address: '192.0.2.1' })], PLACE),
    'ok',
    /67/,
  ],
})

test('listeners are read as ss prints them', () => {
  const text = `udp   UNCONN 0 0 0.0.0.0%eth0:67 0.0.0.0:* users:(("dnsmasq",pid=25408,fd=4))
tcp   LISTEN 0 511 10.77.0.2:8001 0.0.0.0:* users:(("node",pid=12,fd=22))
udp   UNCONN 0 0 [fe80::1]%eth0:69 [::]:*
tcp   LISTEN 0 128 [::]:22 [::]:*
`
  assert.deepEqual(parseListeners(text), [
    { port: 67, address: '0.0.0.0', device: 'eth0', program: 'dnsmasq', pid: 25408 },
    { port: 8001, address: '10.77.0.2', device: undefined, program: 'node', pid: 12 },
    { port: 69, address: '[fe80::1]', device: 'eth0', program: '', pid: 0 },
    { port: 22, address: '[::]', device: undefined, program: '', pid: 0 },
  ])
})

const NOW = Date.UTC(2026, 5, 1)
const answered = (status: number, behindMs = 0) => ({
  url: 'http://debian.example/debian',
  status,
  at: { theirs: NOW, ours: NOW - behindMs },
})

cases({
  'mirror: there': [judgeMirror(answered(200)), 'ok', /trixie/],
  'mirror: without the suite': [judgeMirror(answered(404)), 'warn', /404.*MUSTER_DEBIAN_MIRROR/],
  'mirror: away': [judgeMirror({ error: 'ECONNREFUSED' }), 'warn', /ECONNREFUSED/],
  'clock: right': [judgeClock(answered(200), NOW), 'ok', /right/],
  'clock: 3 minutes behind': [judgeClock(answered(200, 180_000), NOW), 'warn', /3 minutes behind/],
  'clock: an hour ahead': [
    judgeClock(answered(200, -3_600_000), NOW),
    'bad',
    /60 minutes ahead.*set-ntp/,
  ],
  'clock: an empty battery': [
    judgeClock({ error: 'no' }, Date.UTC(2000, 0, 1)),
    'bad',
    /2000-01-01/,
  ],
  'clock: nothing to compare with': [judgeClock({ error: 'no' }, NOW), 'ok', /possible/],
})

const FILE = { file: 'a', sha256: 'a'.repeat(64), bytes: 1 }
const BUILT = {
  ipxe: { 'snponly.efi': FILE },
  live: { kernel: FILE, initrd: FILE },
  image: { ...FILE, size: 2 },
  installer: null,
}

cases({
  'boot files: whole': [judgeArtifacts(BUILT, []), 'ok', /image mode/],
  'boot files: nothing built': [judgeArtifacts(emptyManifest, []), 'bad bad bad', /boot build/],
  'boot files: no image, but an installer': [
    judgeArtifacts(
      {
        ...BUILT,
        image: null,
        installer: { kernel: FILE, initrd: FILE, suite: 's', suiteKey: FILE },
      },
      [],
    ),
    'warn',
    /package mode/,
  ],
  'boot files: damaged': [
    judgeArtifacts(BUILT, [{ file: '/x/snponly.efi', problem: 'is damaged' }]),
    'bad',
    /\/x\/snponly\.efi is damaged.*boot build/,
  ],
  'disk space: enough': [judgeDiskSpace('/s', 50e9), 'ok', /50\.0 GB/],
  'disk space: not for a build': [judgeDiskSpace('/s', 4e9), 'warn', /8 GB/],
  'disk space: none': [judgeDiskSpace('/s', 1e8), 'bad', /0\.1 GB.*Free/],
  'buffer: the default': [
    judgeBuffer({ setting: 212_992, socket: undefined }),
    'warn',
    /only about 251 .*sysctl -w net\.core\.rmem_default=4194304/,
  ],
  'buffer: raised after the start': [
    judgeBuffer({ setting: 4_194_304, socket: 212_992 }),
    'warn',
    /Start network boot again/,
  ],
  'buffer: raised': [judgeBuffer({ setting: 4_194_304, socket: 4_194_304 }), 'ok', /enough/],
  'bridge: no spanning tree': [
    judgeBridge({ name: 'br0', stp: false, forwardDelay: 15 }),
    'ok',
    /at once/,
  ],
  'bridge: spanning tree': [
    judgeBridge({ name: 'br0', stp: true, forwardDelay: 15 }),
    'warn',
    /30 s.*stp_state 0/,
  ],
  'muster: off': [
    judgeMuster({ api: undefined, answers: false }, '10.77.0.2'),
    'bad',
    /up -- --address 10\.77\.0\.2/,
  ],
  'muster: silent': [
    judgeMuster({ api: 'http://10.77.0.2:8001', answers: false }, '10.77.0.2'),
    'bad',
    /log/,
  ],
  'muster: only for itself': [
    judgeMuster({ api: 'http://127.0.0.1:8001', answers: true }, '10.77.0.2'),
    'bad',
    /machines look for it on 10\.77\.0\.2/,
  ],
  'muster: answers': [
    judgeMuster({ api: 'http://10.77.0.2:8001', answers: true }, '10.77.0.2'),
    'ok',
    /answers/,
  ],
  'refused: none': [judgeRefused(new Map()), '', /^$/],
  'refused: 32-bit UEFI': [
    judgeRefused(new Map([['52:54:00:00:00:13', 'ia32-uefi']])),
    'warn',
    /52:54:00:00:00:13 .*32-bit.*legacy BIOS/,
  ],
})

test('the buffer of a socket is read as ss prints it', () => {
  assert.equal(
    socketBuffer('UNCONN 0 0 0.0.0.0:67 0.0.0.0:* skmem:(r0,rb4194304,t0,tb212992)'),
    4_194_304,
  )
  assert.equal(socketBuffer(''), undefined)
})

const [interface0] = Interfaces.parse([
  {
    ifname: 'eth0',
    operstate: 'UP',
    addr_info: [{ local: '10.77.0.2' }, { local: '10.77.0.3', dynamic: true }],
  },
])

cases({
  'address: fixed': [judgeAddress(PLACE, interface0), 'ok', /fixed/],
  'address: by DHCP': [
    judgeAddress({ ...PLACE, address: '10.77.0.3' }, interface0),
    'warn',
    /given by DHCP.*reserve/,
  ],
  'address: gone': [
    judgeAddress({ ...PLACE, address: '10.77.0.4' }, interface0),
    'bad',
    /no longer/,
  ],
  'address: no such interface': [judgeAddress(PLACE, undefined), 'bad', /no interface eth0/],
  'address: no cable': [judgeAddress(PLACE, { ...interface0!, operstate: 'DOWN' }), 'bad', /cable/],
})
