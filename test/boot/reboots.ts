import assert from 'node:assert/strict'
import type { Stages } from '../chain/stages.ts'
import type { Appliance } from '../lab/appliance.ts'
import { until } from '../lab/until.ts'
import type { BootOrder } from '../lab/vm-arguments.ts'
import type { Pc } from './pc.ts'

/** What the firmware tries first at each of them. */
const REBOOTS = ['network', 'disk', 'network', 'disk', 'network'] as const
/** What only a system that started from the disk says on the serial port. */
const STARTED = /login:/

type Identity = { boot: string; machine: string }

/** Off and on again, in order and by the plug, in both boot orders: each time the same system, never an installation. */
export async function rebootsToItself(
  appliance: Appliance,
  fleet: readonly Pc[],
  stages: Stages,
): Promise<void> {
  const before = await Promise.all(fleet.map((pc) => identity(appliance, pc)))
  for (const [index, order] of REBOOTS.entries()) {
    const asked = await Promise.all(fleet.map((pc) => pc.decisions()))
    await Promise.all(fleet.map((pc) => powerCycle(pc, order, index % 3 !== 0)))
    await Promise.all(
      fleet.map(async (pc, place) => {
        const now = await identity(appliance, pc)
        assert.equal(now.machine, before[place]!.machine, `${pc.name} was installed again`)
        const answers = (await pc.decisions()).slice(asked[place]!.length)
        assert.ok(
          answers.every((answer) => answer === 'local'),
          `${pc.name}: ${answers}`,
        )
        if (order === 'network') assert.ok(answers.length > 0, `${pc.name} never asked`)
      }),
    )
    stages.reached(`reboot ${index + 1}, the ${order} first: both are themselves`)
  }
  for (const pc of fleet) assert.equal((await pc.seenBy(appliance))?.state, 'ready')
}

async function powerCycle(pc: Pc, order: BootOrder, byPlug: boolean): Promise<void> {
  if (byPlug) await pc.vm.cutPower()
  else await pc.vm.powerOff(120)
  await pc.vm.powerOn(order)
  await pc.vm.says(STARTED, 180)
}

/** Which system runs: its machine id is made at the first boot of an installation. */
async function identity(appliance: Appliance, pc: Pc): Promise<Identity> {
  const { ip_address: address } = (await pc.seenBy(appliance))!
  const text = await until(
    `${pc.name} answers at ${address}`,
    () => pc.run(address!, 'cat /proc/sys/kernel/random/boot_id /etc/machine-id'),
    120,
  )
  const [boot = '', machine = ''] = text.split('\n')
  return { boot, machine }
}

/** Without the appliance each is on its own disk within a minute of its power button. */
export async function startFromDisk(
  fleet: readonly Pc[],
  order: Record<'bios' | 'uefi', BootOrder>,
  stages: Stages,
): Promise<void> {
  await Promise.all(fleet.map((pc) => pc.vm.cutPower()))
  await Promise.all(
    fleet.map(async ({ name, vm }) => {
      const start = performance.now()
      await vm.powerOn(order[vm.plan.firmware])
      await until(`${name} reads its disk`, async () => (await vm.bytesRead()) > KERNEL_BYTES, 60)
      const seconds = (performance.now() - start) / 1000
      stages.reached(`${name} is on its disk ${seconds.toFixed(0)} s after its power button`)
    }),
  )
  await Promise.all(fleet.map(({ vm }) => vm.says(STARTED, 180)))
}

/** Firmware alone reads less: this much is a boot loader that loads its kernel. */
const KERNEL_BYTES = 10_000_000
