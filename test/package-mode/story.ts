import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bootFiles } from '@muster/base/state.ts'
import {
  type InstallStage,
  installStages,
  type Machine,
} from '@muster/provisioning-api/contract/machine.ts'
import { dnsmasqConfig, LAB_PREFIX } from '@muster/pxe/dhcp/config.ts'
import { execa } from 'execa'
import { Stages } from '../chain/stages.ts'
import { GivenUp, until } from '../lab/until.ts'
import { Vm } from '../lab/vm.ts'
import { inspect, type LabPc, showUp } from './fake-live-system.ts'
import { takeInstaller } from './prepared.ts'
import { Provisioning } from './provisioning.ts'

const ADDRESS = '10.77.0.1'
const NAME = 'p1'
/** MUSTER_FIRMWARE=uefi is for a look by hand. */
const PC: LabPc = {
  mac: '52:54:00:77:0d:01',
  bytes: 8 * 1024 ** 3,
  firmware: process.env.MUSTER_FIRMWARE === 'uefi' ? 'uefi' : 'bios',
}

export type Lab = {
  api: Provisioning
  vm: Vm
  stages: Stages
  /** What the installer said so far. */
  log: () => Promise<string>
}

/** Runs inside the network namespace: an accepted PC with a blank disk, before its power button is pressed. */
export async function tellStory(
  [network = '', folder = '']: readonly string[],
  story: (lab: Lab) => Promise<void>,
): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const state = path.join(folder, 'state')
  const stages = new Stages(say)
  const cleanups: (() => Promise<unknown>)[] = []
  try {
    await takeInstaller(state)
    cleanups.push(await answerDhcp(state))
    const api = await Provisioning.start(state, ADDRESS)
    cleanups.push(() => api.stop())
    const id = await accept(api)
    const vm = new Vm({
      name: NAME,
      ...PC,
      network,
      folder,
      disks: [{ bytes: PC.bytes, serial: 'DISK0' }],
    })
    cleanups.push(() => vm.cutPower())
    const log = () =>
      readFile(path.join(bootFiles(state).logs, `${id}.log`), 'utf8').catch(() => '')
    await story({ api, vm, stages, log })
    await vm.cutPower()
    await rm(vm.disk())
  } finally {
    for (const clean of cleanups.reverse())
      await clean().catch((error: Error) => say(`clean-up: ${error.message}`))
  }
  process.stdout.write(`${JSON.stringify({ stages: stages.list })}\n`)
}

/** dnsmasq with our configuration, alone on its network. @returns what ends it */
async function answerDhcp(state: string): Promise<() => Promise<unknown>> {
  const { folder, tftp, dhcpHosts, dnsmasqConfig: file } = bootFiles(state)
  for (const each of [tftp, dhcpHosts]) await mkdir(each, { recursive: true })
  const url = `http://${ADDRESS}:8001`
  const range = ['10.77.0.100', '10.77.0.150'] as const
  const lan = { interface: 'br0', address: ADDRESS, user: 'root', range }
  await writeFile(file, await dnsmasqConfig({ mode: 'full', url, folder, ...lan }))
  await execa('ip', ['address', 'add', `${ADDRESS}/24`, 'dev', 'br0'], { reject: false })
  // Machines wait for a router's word on IPv6; dnsmasq gives it where the bridge has an address.
  await execa('ip', ['address', 'add', `${LAB_PREFIX}1/64`, 'dev', 'br0', 'nodad'], {
    reject: false,
  })
  const dnsmasq = execa('dnsmasq', ['--keep-in-foreground', '-C', file], { reject: false })
  return async () => {
    dnsmasq.kill()
    await dnsmasq
  }
}

/** A person accepts it for package mode, and its live system tells its hardware. @returns its id */
async function accept(api: Provisioning): Promise<string> {
  await showUp(api.base, PC)
  const [found] = await api.ask<{ name: string }[]>('/api/machines')
  await api.ask(`/api/machines/${found!.name}/accept`, { name: NAME, mode: 'package' })
  assert.match(await inspect(api.base, PC), /^action=installer$/m)
  return (await api.machine(NAME)).boot!.id
}

/** Waits until a person sees this of the machine. @throws Error with its last lines at once when it failed */
export async function reaches(
  { api, vm }: Lab,
  what: string,
  fits: (machine: Machine) => boolean,
  seconds: number,
): Promise<void> {
  const last = () => vm.serial.text.slice(-2000)
  await until(
    what,
    async () => {
      const machine = await api.machine(NAME)
      if (machine.state === 'failed') throw new GivenUp(`${machine.reason}\n${last()}`)
      return fits(machine)
    },
    seconds,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${last()}`)
  })
}

/** The stages that the installer tells by its beacons, as people see them. */
export const atStage =
  (stage: InstallStage) =>
  (machine: Machine): boolean =>
    machine.stage === installStages[stage]
