import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { bootFiles, stateFiles } from '@muster/base/state.ts'
import type { Machine } from '../contract/machine.ts'
import { bearer, openService, temporaryFolder } from './harness.ts'

type Options = Parameters<typeof openService>[1] & { built?: boolean }

export const MINUTE = 60_000
export const PC = { mac: '52:54:00:00:00:01', uuid: '4c4c4544-0039-5a10-8054-b4c04f4d3031' }
export const DISK = 'serial:QEMU_HARDDISK_1'
const FILE = { sha256: 'ab'.repeat(32), bytes: 1000 }
const IMAGE_BYTES = 640e6

/** Everything that network boot can serve. */
const MANIFEST = {
  ipxe: {},
  live: { kernel: { file: 'live/vmlinuz', ...FILE }, initrd: { file: 'live/initrd.img', ...FILE } },
  image: { file: 'image/debian-13.raw.zst', ...FILE, size: IMAGE_BYTES },
  installer: {
    kernel: { file: 'installer/linux', ...FILE },
    initrd: { file: 'installer/initrd.gz', ...FILE },
    suite: 'trixie',
    suiteKey: { file: 'installer/suite.gpg', ...FILE },
  },
}

/** What the live system finds in the PC of these tests. */
export function sampleFacts(change: object = {}) {
  return {
    firmware: 'bios',
    cpu: { model: 'QEMU CPU', cores: 2, flags: 'fpu lm sse4_2 avx f16c fma' },
    memory_mb: 1500,
    product: { vendor: 'QEMU', name: 'PC', serial: '', uuid: PC.uuid },
    disks: [sampleDisk()],
    nics: [{ name: 'eth0', mac: PC.mac, driver: 'virtio_net', link: true, mbps: 1000 }],
    ...change,
  }
}

export const sampleDisk = (change: object = {}) => ({
  id: DISK,
  name: 'sda',
  bytes: 6e9,
  model: 'QEMU HARDDISK',
  serial: '1',
  removable: false,
  rotational: true,
  blank: true,
  contents: '',
  ...change,
})

/** The real server with network boot built, a clock that only tests move, and jobs held in the queue. */
export async function bootLab(t: TestContext, options: Options = {}) {
  const state = options.state ?? (await temporaryFolder(t))
  const clock = { now: Date.now() }
  if (options.built !== false) await build(state)
  await makeSshKey(state)
  const service = await openService(t, { hold: true, now: () => clock.now, ...options, state })
  const { app } = service

  /** Asks for a boot script, as iPXE does. */
  const ask = (query: Record<string, string | string[]> = {}) =>
    app.inject({
      url: '/boot/script',
      query: {
        macs: PC.mac.replaceAll(':', '-'),
        platform: 'pcbios',
        cpu: 'x86_64',
        uuid: PC.uuid,
        ...query,
      },
    })
  const operate = (url: string, payload?: object) =>
    app.inject({ method: 'POST', url, headers: bearer, ...(payload ? { payload } : {}) })
  const act = (name: string, action: string, payload?: object) =>
    operate(`/api/machines/${name}/${action}`, payload)
  const post = (url: string, payload: object) =>
    app.inject({ method: 'POST', url: `/boot/${url}`, payload })
  const get = (url: string) => app.inject({ url: `/boot/${url}` })
  const machine = async (name: string): Promise<Machine> =>
    (await service.get(`/api/machines/${name}`)).json()
  const machines = async (): Promise<Machine[]> => (await service.get('/api/machines')).json()

  /** The grant in a script that installs. */
  const granted = async (query: Record<string, string> = {}): Promise<string> =>
    grantIn((await ask(query)).body)
  /** A machine that was seen and accepted as `w1`. */
  const accepted = async (body: object = {}): Promise<void> => {
    await ask()
    const answer = await act('pc-000001', 'accept', { name: 'w1', ...body })
    assert.equal(answer.statusCode, 200, answer.body)
  }
  /** The same up to its live system, which may write. @returns its grant */
  const installing = async (body: object = {}, change: object = {}): Promise<string> => {
    await accepted(body)
    const grant = await granted()
    const answer = await post('facts', { grant, facts: sampleFacts(change) })
    assert.match(answer.body, /^action=(install|installer)$/m)
    return grant
  }
  /** The same up to the first start from its disk. @returns the secret of its call-home */
  const installed = async (): Promise<string> => {
    const grant = await installing()
    const tar = await post('identity', { grant })
    assert.equal((await post('installed', { grant })).statusCode, 200)
    return /MUSTER_SECRET=([0-9a-f]{64})/.exec(tar.rawPayload.toString('latin1'))?.[1] ?? ''
  }
  const callHome = (payload: object, headers = {}) =>
    app.inject({ method: 'POST', url: '/api/ready-for-provisioning', headers, payload })

  const steps = { accepted, granted, installing, installed }
  const api = { getApi: service.get, act, operate, machine, machines, callHome }
  return { ...service, clock, ask, post, get, ...api, ...steps }
}

export const grantIn = (script: string): string => {
  const grant = /(?:grant=|\/boot\/preseed\/)([0-9a-f]{32})/.exec(script)?.[1]
  assert.ok(grant, `no grant in:\n${script}`)
  return grant
}

/** What a script does first: `wait`, `local`, `refuse`, `live` or `installer`. */
export function kindOf(script: string): string {
  if (script.includes('/boot/preseed/')) return 'installer'
  if (script.includes(' grant=')) return 'live'
  if (script.includes('Accept it in Mission Control')) return 'wait'
  return script.includes('is not installed:') ? 'refuse' : 'local'
}

export async function build(state: string, change: object = {}): Promise<void> {
  const files = bootFiles(state)
  await mkdir(files.folder, { recursive: true })
  await writeFile(files.manifest, JSON.stringify({ ...MANIFEST, ...change }))
}

async function makeSshKey(state: string): Promise<void> {
  const { sshKey } = stateFiles(state)
  await mkdir(path.dirname(sshKey), { recursive: true })
  await writeFile(`${sshKey}.pub`, 'ssh-ed25519 AAAAC3Nz muster\n')
}
