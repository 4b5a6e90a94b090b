// Runs inside the network namespace: a blank PC boots the Debian installer, which fetches its preseed and partitions.
import assert from 'node:assert/strict'
import { isExt, readPartitions } from './partitions.ts'
import { atStage, type Lab, reaches, tellStory } from './story.ts'

/** Emulated on two busy cores it takes four minutes. */
const PATIENCE = 900

async function partitions(lab: Lab): Promise<void> {
  const { vm, stages, log } = lab
  await vm.powerOn('network')
  await vm.says(/Linux version/, 120)
  stages.reached('the kernel of the installer starts')
  await reaches(lab, 'the preseed is fetched', ({ state }) => state === 'installing', PATIENCE)
  await reaches(lab, 'the disk is asked for', atStage('partman'), PATIENCE)
  stages.reached('the installer has its preseed and asks for its disk')
  await reaches(lab, 'the disk is partitioned', atStage('debootstrap'), PATIENCE)
  stages.reached('the disk is partitioned')
  const found = await readPartitions(vm.disk())
  assert.deepEqual(
    found.map(({ type }) => type),
    [vm.plan.firmware === 'uefi' ? 'EFI system' : 'BIOS boot', 'Linux'],
  )
  assert.ok(await isExt(vm.disk(), found[1]!.firstSector), 'the root has no ext4 file system')
  assert.match(await log(), /running preseed command partman\/early_command/)
}

await tellStory(process.argv.slice(2), partitions)
