// Runs inside the network namespace: an administrator lets a Debian 13 machine serve network boot with the role pxe_server.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bootFiles, cacheFolder } from '@muster/base/state.ts'
import { dnsmasqConfig } from '@muster/pxe/dhcp/config.ts'
import type { ClientKind } from '@muster/pxe/dhcp/question.ts'
import { publishIpxe } from '@muster/pxe/ipxe/build.ts'
import { obtainIpxe } from '@muster/pxe/ipxe/obtain.ts'
import { readManifest } from '@muster/pxe/manifest.ts'
import { execa } from 'execa'
import { Stages } from '../chain/stages.ts'
import { answersTo, chooseBinaries, macOf, readGolden } from '../dhcp/golden.ts'
import { type KindName, kinds } from '../dhcp/kinds.ts'
import { Asker, dropIdlePort, SERVER_ADDRESS } from '../dhcp/segment.ts'
import { APPLIANCE_PACKAGES } from '../lab/base-image.ts'
import { Machine } from '../lab/machine.ts'
import { until } from '../lab/until.ts'

const [network = '', folder = ''] = process.argv.slice(2)
const ROOT = path.join(import.meta.dirname, '../..')
const CHECKOUT = '/opt/muster/app'
const STATE = '/var/lib/muster'
const UNIT = 'muster-dnsmasq'
/** Variables of the role by mode; `url` and `address` are those of the golden answers. */
const MODES = {
  off: { pxe_server_mode: false },
  proxy: { pxe_server_mode: 'proxy' },
  full: {
    pxe_server_mode: 'full',
    pxe_server_range_first: '10.77.0.100',
    pxe_server_range_last: '10.77.0.200',
  },
}
type Mode = keyof typeof MODES

const say = (line: string) => process.stderr.write(`${line}\n`)
const stages = new Stages(say)
const lab = path.join(folder, 'state')
const key = path.join(lab, 'admin-key')
/** The machine's state folder, seen from outside. */
const state = path.join(folder, 'appliance/root', STATE)

async function networkBoot(machine: Machine): Promise<void> {
  await machine.powerOn()
  const tools = { cache: cacheFolder(), say, signal: new AbortController().signal }
  await publishIpxe(state, await obtainIpxe(tools), say)
  await play('off')
  assert.match(await status(machine), /could not be found|inactive/)
  stages.reached('by default nothing is served')

  await play('proxy')
  await serves(machine, 'proxy')
  stages.reached(
    'proxy: Debian 13 answers each kind of client as expected, and its TFTP sends each binary',
  )
  await again('proxy')

  await machine.run(['systemctl', 'kill', '-s', 'ABRT', UNIT])
  await until('it was started again', async () => {
    const restarts = await machine.run(['systemctl', 'show', '-P', 'NRestarts', UNIT])
    return restarts === '1' && (await status(machine)) === 'active'
  })
  await asks('proxy')
  stages.reached('it comes back when it dies')

  await startFakeApi(machine)
  await play('full')
  await serves(machine, 'full')
  stages.reached('full DHCP: Debian 13 answers each kind of client as expected')
  await again('full')

  await machine.powerOff()
  await machine.powerOn()
  await startFakeApi(machine)
  await until(
    'the service waits for the API and starts',
    async () => (await status(machine)) === 'active',
  )
  await asks('full')
  stages.reached('after a power cycle it serves again, once machines can reach the API')

  await play('off')
  assert.equal(await status(machine), 'inactive')
  assert.equal(await machine.run(['ss', '-Hlnu']), '')
  stages.reached('switched off, nothing listens')
}

const status = (machine: Machine): Promise<string> =>
  machine.run(['sh', '-c', `systemctl is-active ${UNIT} 2>&1 || true`])

async function again(mode: Mode): Promise<void> {
  assert.match(await play(mode), /appliance\s+: ok=\d+\s+changed=0\s+unreachable=0\s+failed=0/)
  stages.reached(`${mode} a second time: changed=0`)
}

/** All kinds of clients, the file that we would render, and TFTP. */
async function serves(machine: Machine, mode: 'proxy' | 'full'): Promise<void> {
  assert.equal(await status(machine), 'active')
  assert.equal(await readFile(bootFiles(state).dnsmasqConfig, 'utf8'), await ourConfig(mode))
  await asks(mode)
  for (const [name, { sha256 }] of Object.entries((await readManifest(state)).ipxe)) {
    const url = `tftp://${SERVER_ADDRESS}/${name}`
    const { stdout } = await execa('curl', ['-sS', '--max-time', '30', url], { encoding: 'buffer' })
    assert.equal(createHash('sha256').update(stdout).digest('hex'), sha256, name)
  }
}

const ourConfig = (mode: 'proxy' | 'full'): Promise<string> =>
  dnsmasqConfig({
    mode,
    interface: 'host0',
    address: SERVER_ADDRESS,
    url: `http://${SERVER_ADDRESS}:8001`,
    folder: bootFiles(STATE).folder,
    user: 'root',
    ...(mode === 'full' ? { range: ['10.77.0.100', '10.77.0.200'] as const } : {}),
  })

async function asks(mode: 'proxy' | 'full'): Promise<void> {
  const golden = await readGolden()
  const asker = await Asker.open()
  try {
    await chooseBinaries(bootFiles(state).dhcpHosts, async () => {})
    for (const [name, kind] of Object.entries(kinds) as [KindName, ClientKind][])
      await until(
        `${name} is answered as expected`,
        async () => {
          const lines = await answersTo(asker, { mode, kind, mac: macOf(name) })
          assert.deepEqual(
            lines,
            golden.get(name)!.filter((line) => line.startsWith(mode)),
          )
          return true
        },
        10,
      )
  } finally {
    asker.close()
  }
}

/** What full DHCP wants to see before it starts: that machines find their first script. */
async function startFakeApi(machine: Machine): Promise<void> {
  await machine.run([
    'sh',
    '-c',
    'mkdir -p /srv/fake-api && echo "#!ipxe" > /srv/fake-api/boot.ipxe',
  ])
  const server = ['python3', '-m', 'http.server', '8001', '-d', '/srv/fake-api']
  await machine.run(['systemd-run', '-q', '--unit', 'fake-api', ...server])
}

async function play(mode: Mode): Promise<string> {
  const host = {
    ansible_host: SERVER_ADDRESS,
    ansible_user: 'root',
    ansible_ssh_private_key_file: key,
    ansible_ssh_common_args: `-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=${lab}/known_hosts`,
    // The namespace has no mirror; the image holds the packages.
    provisioning_api_packages: false,
    pxe_server_build: false,
    pxe_server_address: SERVER_ADDRESS,
    pxe_server_checkout: CHECKOUT,
    pxe_server_state: STATE,
    pxe_server_cache: '/var/cache/muster',
    ...MODES[mode],
  }
  const inventory = path.join(lab, 'inventory.yaml')
  await writeFile(inventory, JSON.stringify({ all: { hosts: { appliance: host } } }))
  const roles = [
    { hosts: 'all', gather_facts: true, gather_subset: ['min'], roles: ['common', 'pxe_server'] },
  ]
  await writeFile(path.join(lab, 'play.yaml'), JSON.stringify(roles))
  const run = await execa('ansible-playbook', ['-i', inventory, path.join(lab, 'play.yaml')], {
    cwd: path.join(ROOT, 'ansible'),
    env: { ANSIBLE_NOCOLOR: '1', ANSIBLE_SSH_CONTROL_PATH_DIR: path.join(lab, 'cp') },
    all: true,
    reject: false,
  })
  if (run.exitCode !== 0) throw new Error(`the play failed:\n${run.all}`)
  return run.all ?? ''
}

async function prepare(): Promise<Machine> {
  await mkdir(lab, { recursive: true })
  await dropIdlePort()
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  return new Machine({
    name: 'appliance',
    address: SERVER_ADDRESS,
    network,
    folder,
    packages: APPLIANCE_PACKAGES,
    authorizedKey: await readFile(`${key}.pub`, 'utf8'),
    binds: { [CHECKOUT]: ROOT, '/var/cache/muster': cacheFolder() },
  })
}

const machine = await prepare()
try {
  await networkBoot(machine)
} catch (error) {
  say(await machine.run(['journalctl', '-u', UNIT, '-n', '60', '--no-pager']).catch(() => ''))
  throw error
} finally {
  await machine.remove()
}
