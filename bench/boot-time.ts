import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { privateFolder } from '@muster/base/atomic-file.ts'
import { bootFiles, stateFiles } from '@muster/base/state.ts'
import type { BootManifest } from '@muster/pxe/contract/manifest.ts'
import { readManifest } from '@muster/pxe/manifest.ts'
import { BootServer, muster } from '@muster/test/boot/boot-server.ts'
import { Pc } from '@muster/test/boot/pc.ts'
import { Appliance } from '@muster/test/lab/appliance.ts'
import { execa } from 'execa'
import type { Benchmark, Measured } from './figure.ts'
import { rawCopy } from './raw-copy.ts'

const ADDRESS = '10.77.0.1'
const PCS = {
  bios: { mac: '52:54:00:77:0b:02', goal: '<= 59' },
  uefi: { mac: '52:54:00:77:0e:02', goal: '<= 72' },
} as const
/** Reached one after the other; the call-home is accepted from `enrolled` on. */
const HEARD = ['enrolled', 'configuring', 'joining', 'deploying', 'ready']
const INSTALLED = ['installed', ...HEARD]
const INSTALLING = ['installing', ...INSTALLED]

type Scene = { appliance: Appliance; folder: string; state: string; network: string }

/**
 * From the power button of a blank, accepted PC in QEMU to its call-home, beside a bare copy of the image over the same
 * link. The goals are what a prototype took under software emulation on two quiet cores.
 */
export const bootTime: Benchmark = async (say) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-bench-'))
  const state = path.join(folder, 'state')
  const network = process.env.MUSTER_OWN_NETWORK ?? ''
  const appliance = await Appliance.start(['--no-cluster', '--address', ADDRESS, '--state', state])
  const scene = { appliance, folder, state, network }
  try {
    await makeSshKey(state)
    await muster(['boot', 'build', '--state', state])
    const range = ['--mode', 'full', '--range', '10.77.0.100,10.77.0.150']
    const server = await BootServer.start(['--interface', 'br0', ...range], state)
    const times: Measured[] = []
    for (const firmware of ['bios', 'uefi'] as const) {
      say(`a blank PC with ${firmware} is powered on`)
      times.push(...(await install(scene, firmware)))
    }
    say('a bare copy of the image over the same link')
    const manifest = await readManifest(state)
    const bare = await copy(scene, manifest)
    await server.stop()
    return [...times, ...compare(times, bare, manifest)]
  } finally {
    await appliance.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** `up` makes it together with the cluster, which is not needed here. */
async function makeSshKey(state: string): Promise<void> {
  const { sshKey } = stateFiles(state)
  await privateFolder(path.dirname(sshKey))
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', sshKey])
}

async function install(scene: Scene, firmware: 'bios' | 'uefi'): Promise<Measured[]> {
  const { mac, goal } = PCS[firmware]
  const { appliance } = scene
  const window = await appliance.post('/api/accept-window', { minutes: 30, macs: [mac] })
  if (window.status !== 200) throw new Error(`the accept window was refused: ${window.status}`)
  const pc = new Pc({ ...scene, name: `${firmware}1`, firmware, mac })
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  await pc.vm.powerOn()
  try {
    await pc.reaches(appliance, INSTALLING, 120)
    const writing = seconds()
    await pc.reaches(appliance, INSTALLED, 180)
    const installed = seconds()
    await pc.reaches(appliance, HEARD, 180)
    return [
      { name: `${firmware}: power-on to call-home`, value: seconds(), unit: 's', goal },
      { name: `${firmware}: power-on to writing`, value: writing, unit: 's' },
      { name: `${firmware}: writing to installed`, value: installed - writing, unit: 's' },
      { name: `${firmware}: installed to call-home`, value: seconds() - installed, unit: 's' },
    ]
  } finally {
    await pc.vm.remove()
  }
}

async function copy({ appliance, ...scene }: Scene, manifest: BootManifest): Promise<number> {
  const www = bootFiles(scene.state).www
  return rawCopy({
    ...scene,
    kernel: path.join(www, manifest.live!.kernel.file),
    initrd: path.join(www, manifest.live!.initrd.file),
    muster: appliance.line.provisioningApi,
    file: `/boot/files/${manifest.image!.file}`,
  })
}

function compare(times: readonly Measured[], bare: number, manifest: BootManifest): Measured[] {
  return [
    { name: 'the image as it is sent', value: manifest.image!.bytes / 1e6, unit: 'MB' },
    { name: 'the image on the disk', value: manifest.image!.size / 1e6, unit: 'MB' },
    { name: 'a bare copy of the image', value: bare, unit: 's' },
    ...times
      .filter(({ name }) => /call-home$|writing to/.test(name))
      .map(({ name, value }) => ({
        name: `${name}, over the copy`,
        value: value / bare,
        unit: 'x',
      })),
  ]
}
