// Runs inside the network namespace: an appliance beside a home router, and two PCs with blank disks.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { Stages } from '../chain/stages.ts'
import { Appliance } from '../lab/appliance.ts'
import { makeRouter } from '../lab/router.ts'
import { until } from '../lab/until.ts'
import { BootServer, muster } from './boot-server.ts'
import { runsCanary } from './canary.ts'
import { Pc } from './pc.ts'
import { rebootsToItself, startFromDisk } from './reboots.ts'

const [network = '', folder = ''] = process.argv.slice(2)
const ADDRESS = '10.77.0.1'
const ROOT = path.join(import.meta.dirname, '../..')
const say = (line: string) => process.stderr.write(`${line}\n`)

const state = path.join(folder, 'state')
const stages = new Stages(say)
await mkdir(folder, { recursive: true })
const cleanups: (() => Promise<unknown>)[] = []

async function story(): Promise<void> {
  const router = await makeRouter(network, folder)
  cleanups.push(() => router.remove())
  const appliance = await startAppliance()
  await muster(['boot', 'build', '--state', state])
  stages.reached('what machines boot is built')
  const server = await BootServer.start(['--interface', 'br0', '--mode', 'proxy'], state)
  cleanups.push(() => server.stop())
  stages.reached('it answers network boots beside the router')

  const pcs = [
    { name: 'b1', firmware: 'bios', mac: '52:54:00:77:0b:01' },
    { name: 'u1', firmware: 'uefi', mac: '52:54:00:77:0e:01' },
  ] as const
  const fleet = pcs.map((pc) => new Pc({ ...pc, network, folder, state }))
  for (const pc of fleet) cleanups.push(() => pc.vm.remove())
  await discover(appliance, fleet)
  await install(appliance, fleet)
  await provision(appliance, fleet)
  await rebootsToItself(appliance, fleet, stages)
  assert.equal(await appliance.stop(), 0)
  stages.reached('the servers of the appliance are down')
  await startFromDisk(fleet, { bios: 'network', uefi: 'network' }, stages)
  await server.stop()
  stages.reached('nobody answers network boots')
  // Firmware of the PXE standard waits 60 s for an answer before it gives up: only the order of its list saves them.
  await startFromDisk(fleet, { bios: 'network', uefi: 'disk' }, stages)
  stages.reached('the end')
}

async function startAppliance(): Promise<Appliance> {
  const model = path.join(ROOT, 'models/tape.gguf')
  const args = ['--address', ADDRESS, '--model', model, '--state', state]
  const appliance = await Appliance.start(args, {
    onSay: (line) => process.env.MUSTER_VERBOSE && say(line),
  })
  cleanups.push(() => appliance.stop())
  await appliance.cluster()
  stages.reached('the appliance runs its cluster')
  return appliance
}

/** Nobody accepted them: they are known, and their disks stay as they are. */
async function discover(appliance: Appliance, fleet: readonly Pc[]): Promise<void> {
  for (const pc of fleet) await pc.vm.powerOn()
  for (const pc of fleet) await pc.reaches(appliance, ['discovered'], 120)
  stages.reached('two blank PCs were powered on and are known')
  // BIOS has no serial screen: that it asks again shows that it found no system on its disk.
  for (const pc of fleet)
    await until(`${pc.name} asks again`, async () => (await pc.decisions()).length > 1, 120)
  for (const pc of fleet) assert.ok(await pc.isBlank(), `${pc.name} was written to`)
  stages.reached('they wait; their disks are untouched')
}

async function install(appliance: Appliance, fleet: readonly Pc[]): Promise<void> {
  for (const pc of fleet) {
    const found = await pc.seenBy(appliance)
    await muster(['accept', found!.name, '--name', pc.name, '--state', state])
  }
  stages.reached('a person accepted them')
  const installed = ['installed', 'enrolled', 'configuring', 'joining', 'deploying', 'ready']
  for (const pc of fleet) await pc.reaches(appliance, installed, 300)
  stages.reached('both wrote the image')
  for (const pc of fleet) await pc.reaches(appliance, installed.slice(1), 300)
  stages.reached('both called home from their disks')
}

async function provision(appliance: Appliance, fleet: readonly Pc[]): Promise<void> {
  for (const pc of fleet) await pc.reaches(appliance, ['ready'], 600)
  stages.reached('both are nodes with an expert')
  for (const pc of fleet) await pc.usesItsWholeDisk(appliance)
  for (const pc of fleet) await runsCanary(pc, state)
  stages.reached('both ran a canary job')
}

try {
  await story()
} finally {
  for (const clean of cleanups.reverse())
    await clean().catch((error: Error) => say(`clean-up: ${error.message}`))
}
process.stdout.write(`${JSON.stringify({ stages: stages.list })}\n`)
