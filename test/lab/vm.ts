import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { accelerator } from './kvm.ts'
import { inNetwork } from './network.ts'
import { Qmp } from './qmp.ts'
import { SerialLog } from './serial-log.ts'
import { GivenUp, until } from './until.ts'
import { type BootOrder, qemuArguments, tapName, type VmPlan } from './vm-arguments.ts'

type BlockStats = { stats: { rd_bytes: number } }[]

const OVMF_VARS = '/usr/share/OVMF/OVMF_VARS_4M.fd'

/** A PC in QEMU: firmware, network boot, disks, a power button and a plug. Needs root where it has a `network`. */
export class Vm {
  readonly plan: VmPlan
  #qemu: ChildProcess | undefined
  #qmp: Qmp | undefined
  #serial: SerialLog | undefined
  #errors = ''

  constructor(plan: VmPlan) {
    this.plan = plan
  }

  /** The folder with its disks (`disk0.raw`, ...), its firmware's variables and its serial log. */
  get folder(): string {
    return path.join(this.plan.folder, this.plan.name)
  }

  /** The file of a disk; raw and sparse, so that a test reads what is on it. */
  disk(index = 0): string {
    return path.join(this.folder, `disk${index}.raw`)
  }

  /** What it said on its serial port since power-on. The file `serial.log` has all runs. */
  get serial(): SerialLog {
    if (!this.#serial) throw new Error(`${this.plan.name} was never on`)
    return this.#serial
  }

  get isOn(): boolean {
    return (
      this.#qemu !== undefined && this.#qemu.exitCode === null && this.#qemu.signalCode === null
    )
  }

  /** Presses the power button; disks are made blank at the first press. Resolves when QEMU runs. */
  async powerOn(order: BootOrder = this.plan.boot ?? 'network'): Promise<void> {
    if (this.isOn) throw new Error(`${this.plan.name} is on`)
    await this.#makeParts()
    const command = [
      ...(this.plan.network ? inNetwork(this.plan.network) : []),
      'qemu-system-x86_64',
      ...qemuArguments({ ...this.plan, boot: order }, this.folder, await accelerator()),
    ]
    const [program = '', ...args] = command
    this.#errors = ''
    this.#qemu = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#qemu.stderr!.on('data', (data: Buffer) => {
      this.#errors += data
    })
    this.#serial = new SerialLog(path.join(this.folder, 'serial.log'), this.#qemu.stdout!)
    this.#qmp = await Qmp.connect(path.join(this.folder, 'qmp'), () => {
      if (!this.isOn) throw new GivenUp(`QEMU did not start: ${this.#errors}`)
    })
  }

  /** Waits until it says this on its serial port. @throws Error with the last lines after `seconds` (default 60) */
  async says(pattern: RegExp, seconds = 60): Promise<void> {
    const what = `${this.plan.name} says ${pattern}`
    const ended = () => {
      throw new GivenUp(`${what}: it ended. ${this.#errors}\n${this.serial.text.slice(-2000)}`)
    }
    await until(
      what,
      async () => pattern.test(this.serial.text) || (this.isOn ? false : ended()),
      seconds,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.serial.text.slice(-2000)}`)
    })
  }

  /** Bytes read from its disks since power-on, by firmware, boot loader and system alike. */
  async bytesRead(): Promise<number> {
    const answer = (await this.#qmp?.execute('query-blockstats')) as BlockStats
    return answer.reduce((sum, { stats }) => sum + stats.rd_bytes, 0)
  }

  /** The reset button. */
  async reset(): Promise<void> {
    await this.#qmp?.execute('system_reset')
  }

  /** The power button: asks the system to shut down, and waits until it is off. */
  async powerOff(seconds = 60): Promise<void> {
    if (this.isOn) await this.#qmp?.execute('system_powerdown')
    await this.off(seconds)
  }

  /** Waits until it is off by itself. */
  async off(seconds = 60): Promise<void> {
    await until(`${this.plan.name} is off`, async () => !this.isOn, seconds)
    this.#qmp?.close()
  }

  /** Pulls the plug. What the disks have stays. */
  async cutPower(): Promise<void> {
    if (this.isOn) {
      const exit = once(this.#qemu!, 'exit')
      this.#qemu!.kill('SIGKILL')
      await exit
    }
    this.#qmp?.close()
  }

  /** CPU seconds that QEMU has used: how much work the run was, whatever else the machine does. */
  async cpuSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#qemu?.pid}/stat`, 'utf8')
    const [user = 0, system = 0] = stat.split(') ')[1]!.split(' ').slice(11, 13).map(Number)
    return (user + system) / 100
  }

  /** Off, and everything it had away. */
  async remove(): Promise<void> {
    await this.cutPower()
    if (this.plan.network)
      await execa('ip', ['-n', this.plan.network, 'link', 'del', tapName(this.plan)], {
        reject: false,
      })
    await rm(this.folder, { recursive: true, force: true })
  }

  async #makeParts(): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    for (const [index, { bytes }] of this.plan.disks.entries())
      if (!(await isThere(this.disk(index)))) await makeBlank(this.disk(index), bytes)
    const variables = path.join(this.folder, 'firmware-variables')
    if (this.plan.firmware === 'uefi' && !(await isThere(variables)))
      await copyFile(OVMF_VARS, variables)
    await rm(path.join(this.folder, 'qmp'), { force: true })
    if (this.plan.network) await this.#plugIn(this.plan.network)
  }

  async #plugIn(network: string): Promise<void> {
    const tap = tapName(this.plan)
    const known = await execa('ip', ['-n', network, 'link', 'show', tap], { reject: false })
    if (known.exitCode === 0) return
    await execa('ip', ['-n', network, 'tuntap', 'add', 'dev', tap, 'mode', 'tap'])
    await execa('ip', ['-n', network, 'link', 'set', tap, 'master', 'br0', 'up'])
  }
}

async function makeBlank(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'wx')
  await handle.truncate(bytes)
  await handle.close()
}
