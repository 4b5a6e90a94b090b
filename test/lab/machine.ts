import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isThere } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { baseImage } from './base-image.ts'
import { inNetwork } from './network.ts'

/** Asks systemd as pid 1 to power off. */
const SIGRTMIN_PLUS_4 = 38

const CALL_HOME = path.join(import.meta.dirname, '../../pxe/call-home')

type Plan = {
  name: string
  /** Its address in the network, without prefix. */
  address: string
  network: string
  /** Folder for its disk and log. */
  folder: string
  /** The public key that root accepts, as the installer would leave it. */
  authorizedKey: string
  /** Debian packages beyond the plain machine's. */
  packages?: readonly string[]
  /** Folders of the host it sees read-only, by their path inside. */
  binds?: Record<string, string>
  /** systemd drop-ins beyond Nomad's, by path below /etc/systemd/system. */
  dropIns?: Record<string, string>
  /** Where it calls home on its first boot; absent = it never does. */
  musterUrl?: string
}

/** A Debian 13 machine with its own systemd, sshd and address, in a systemd-nspawn container. */
export class Machine {
  readonly #plan: Plan
  readonly #root: string
  #nspawn: ChildProcess | undefined

  constructor(plan: Plan) {
    this.#plan = plan
    this.#root = path.join(plan.folder, plan.name, 'root')
  }

  /** Presses the power button; the disk is made at the first press. Resolves when systemd says it runs. */
  async powerOn(): Promise<void> {
    const mounted = await execa('mountpoint', ['-q', this.#root], { reject: false })
    if (mounted.exitCode !== 0) await this.#makeDisk()
    this.#boot()
    for (let tries = 0; tries < 300; tries++) {
      const state = await this.run(['systemctl', 'is-system-running']).catch(() => '')
      if (state === 'running' || state === 'degraded') return
      await sleep(100)
    }
    throw new Error(
      `${this.#plan.name} did not start: ${await readFile(this.#log, 'utf8').catch(() => '')}`,
    )
  }

  /** Runs a command inside and gives its output; throws when it fails. */
  async run(command: string[]): Promise<string> {
    const pid = await this.#init()
    if (!pid) throw new Error(`${this.#plan.name} is off`)
    const clean = ['env', '-i', 'HOME=/root', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8']
    return (await execa('nsenter', ['-t', String(pid), '-a', ...clean, ...command])).stdout
  }

  /** Shuts down in order, as a person would. */
  async powerOff(): Promise<void> {
    const pid = await this.#init()
    if (pid) process.kill(pid, SIGRTMIN_PLUS_4)
    await this.#ended(60_000)
  }

  /** Pulls the plug. The disk stays. */
  async cutPower(): Promise<void> {
    const pid = await this.#init()
    // The machine's own init first: killing nspawn would leave it running.
    if (pid) process.kill(pid, 'SIGKILL')
    await this.#ended(10_000)
  }

  /** Off, and its disk away. */
  async remove(): Promise<void> {
    await this.cutPower()
    await execa('umount', ['-R', '-l', this.#root], { reject: false })
    await rm(path.join(this.#plan.folder, this.#plan.name), { recursive: true, force: true })
    const { name, network } = this.#plan
    for (const tree of CGROUP_TREES)
      await execa('find', [`${tree}/${network}-${name}`, '-depth', '-type', 'd', '-delete'], {
        reject: false,
      })
  }

  get #log(): string {
    return path.join(this.#plan.folder, `${this.#plan.name}.log`)
  }

  async #init(): Promise<number | undefined> {
    const pid = this.#nspawn?.pid
    if (!pid || this.#nspawn?.exitCode !== null) return undefined
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    return Number(children.trim().split(' ')[0]) || undefined
  }

  async #ended(patienceMs: number): Promise<void> {
    const nspawn = this.#nspawn
    if (!nspawn) return
    const deadline = Date.now() + patienceMs
    while (nspawn.exitCode === null && nspawn.signalCode === null && Date.now() < deadline)
      await sleep(50)
    if (nspawn.exitCode === null && nspawn.signalCode === null) nspawn.kill('SIGKILL')
  }

  async #makeDisk(): Promise<void> {
    const { name, folder, packages } = this.#plan
    const part = (kind: string) => path.join(folder, name, kind)
    for (const kind of ['upper', 'work', 'root']) await mkdir(part(kind), { recursive: true })
    const layers = `lowerdir=${await baseImage(packages)},upperdir=${part('upper')},workdir=${part('work')}`
    await execa('mount', ['-t', 'overlay', 'overlay', '-o', layers, this.#root])
    await this.#writeSystem()
  }

  async #writeSystem(): Promise<void> {
    const { name, address, authorizedKey, musterUrl } = this.#plan
    const write = async (file: string, text: string) => {
      await mkdir(path.join(this.#root, path.dirname(file)), { recursive: true })
      await writeFile(path.join(this.#root, file), text)
    }
    await write('etc/hostname', `${name}\n`)
    await write('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${name}\n`)
    await write('etc/resolv.conf', '')
    await write(
      'etc/network/interfaces',
      `auto lo\niface lo inet loopback\nauto host0\niface host0 inet static\n address ${address}/24\n`,
    )
    await write('root/.ssh/authorized_keys', authorizedKey)
    await chmod(path.join(this.#root, 'root/.ssh'), 0o700)
    if (await hasCgroupV1()) await write('etc/systemd/system/nomad.service.d/lab.conf', CGROUP_V1)
    for (const [file, text] of Object.entries(this.#plan.dropIns ?? {}))
      await write(`etc/systemd/system/${file}`, text)
    if (!musterUrl) return
    await write('etc/default/muster-call-home', `MUSTER_URL=${musterUrl}\n`)
    await copyFile(
      path.join(CALL_HOME, 'call-home.sh'),
      path.join(this.#root, 'usr/local/bin/call-home.sh'),
    )
    await copyFile(
      path.join(CALL_HOME, 'call-home.service'),
      path.join(this.#root, 'etc/systemd/system/call-home.service'),
    )
    await execa('systemctl', ['--root', this.#root, '-q', 'enable', 'call-home.service'])
  }

  #boot(): void {
    const { name, network } = this.#plan
    const sink = openSync(this.#log, 'a')
    const args = [
      '-q',
      '--resolv-conf=off',
      '--register=no',
      '--keep-unit',
      '--network-bridge=br0',
      '--system-call-filter=@keyring',
    ]
    const binds = Object.entries(this.#plan.binds ?? {}).map(
      ([inside, host]) => `--bind-ro=${host}:${inside}`,
    )
    const [enter = '', ...into] = inNetwork(network)
    const command = [
      ...into,
      ...OWN_CGROUP(name, network),
      'systemd-nspawn',
      ...args,
      '--bind=/sys/fs/cgroup:/run/cg1',
      ...binds,
      '-M',
      name,
      '-D',
      this.#root,
      '--console=pipe',
      '-b',
    ]
    this.#nspawn = spawn(enter, command, {
      stdio: ['ignore', sink, sink],
      detached: true,
      env: { PATH: process.env.PATH, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    })
  }
}

const CGROUP_TREES = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']

/**
 * Each machine gets a cgroup of its own before nspawn starts: else all share one, and ending a unit's
 * processes in one machine ends those of the same unit in every machine.
 */
const OWN_CGROUP = (name: string, network: string): string[] => [
  'sh',
  '-c',
  `for tree in ${CGROUP_TREES.join(' ')}; do
     [ -d $tree ] && mkdir -p $tree/${network}-${name} && echo $$ > $tree/${network}-${name}/cgroup.procs
   done; exec "$@"`,
  'sh',
]

/**
 * On a host with cgroup v1 the machine's cgroup2 tree has no controllers; Nomad gets the host's v1 tree instead,
 * as the first line of its mounts. A machine of its own, or a cgroup v2 host, needs none of this.
 */
const CGROUP_V1 = seesHostCgroups(
  '/opt/muster/bin/nomad agent -config=/etc/muster/nomad/agent.json',
)

/** A drop-in that runs a service's command with the host's cgroup v1 tree. */
export function seesHostCgroups(command: string): string {
  const mounts = 'umount /sys/fs/cgroup && mount --rbind /run/cg1 /sys/fs/cgroup'
  return `[Service]\nExecStart=\nExecStart=/usr/bin/unshare -m /bin/sh -c "${mounts} && exec ${command}"\n`
}

export const hasCgroupV1 = (): Promise<boolean> => isThere('/sys/fs/cgroup/memory')
