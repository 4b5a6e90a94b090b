import assert from 'node:assert/strict'
import { open, readFile } from 'node:fs/promises'
import { stateFiles } from '@muster/base/state.ts'
import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { execa } from 'execa'
import type { Appliance } from '../lab/appliance.ts'
import { GivenUp, until } from '../lab/until.ts'
import { Vm } from '../lab/vm.ts'

type Plan = {
  name: string
  firmware: 'bios' | 'uefi'
  mac: string
  network: string
  folder: string
  state: string
}

const DISK = 6 * 1024 ** 3
const MIB = 1024 ** 2

/** One blank PC of the story, as a person knows it: by its name and its card. */
export class Pc {
  readonly name: string
  readonly mac: string
  readonly vm: Vm
  readonly #state: string

  constructor({ name, firmware, mac, network, folder, state }: Plan) {
    this.name = name
    this.mac = mac
    this.#state = state
    this.vm = new Vm({
      name,
      firmware,
      mac,
      network,
      folder,
      memory: 1536,
      cores: 2,
      disks: [{ bytes: DISK, serial: `DISK-${name}` }],
    })
  }

  /** What the appliance knows of it, whatever it is called there. */
  async seenBy(appliance: Appliance): Promise<Machine | undefined> {
    const all = await appliance.get<Machine[]>('/api/machines')
    return all.find(({ boot }) => boot?.macs.includes(this.mac))
  }

  /** Waits for one of these states. @throws Error at once when it failed, with the reason */
  async reaches(appliance: Appliance, states: readonly string[], seconds: number): Promise<void> {
    await until(
      `${this.name} ${states[0]}`,
      async () => {
        const machine = await this.seenBy(appliance)
        if (machine?.state === 'failed')
          throw new GivenUp(
            `${this.name} failed: ${machine.reason}\n${this.vm.serial.text.slice(-2000)}`,
          )
        return states.includes(machine?.state ?? '')
      },
      seconds,
    )
  }

  /** Whether not one byte of its disk was written. */
  async isBlank(): Promise<boolean> {
    const file = await open(this.vm.disk())
    try {
      const { buffer } = await file.read(Buffer.alloc(MIB), 0, MIB, 0)
      return buffer.every((byte) => byte === 0) && (await file.stat()).blocks === 0
    } finally {
      await file.close()
    }
  }

  /** Runs a command on it over SSH with the appliance's key. */
  async run(address: string, command: string): Promise<string> {
    const { sshKey } = stateFiles(this.#state)
    const options = ['ConnectTimeout=3', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null']
    const flags = ['-q', '-i', sshKey, ...options.flatMap((option) => ['-o', option])]
    return (await execa('ssh', [...flags, `root@${address}`, command])).stdout
  }

  /** The image is a tenth of the disk: its file system must have grown. */
  async usesItsWholeDisk(appliance: Appliance): Promise<void> {
    const { ip_address: address } = (await this.seenBy(appliance))!
    const bytes = Number(await this.run(address!, 'df -B1 --output=size / | tail -n 1'))
    assert.ok(bytes > DISK * 0.9, `${this.name} uses ${bytes} bytes of its disk`)
  }

  /** What it was answered whenever it asked the appliance what to boot, in order. */
  async decisions(): Promise<string[]> {
    const log = await readFile(stateFiles(this.#state).log('provisioning-api'), 'utf8')
    const names = `${this.name}|pc-${this.mac.replaceAll(':', '').slice(-6)}`
    const lines = log.matchAll(new RegExp(`"machine":"(?:${names})","decision":"(\\w+)"`, 'g'))
    return [...lines].map(([, decision = '']) => decision)
  }
}
