// Runs inside the network namespace: a blank PC is installed by the Debian installer and calls home from its disk.
import assert from 'node:assert/strict'
import path from 'node:path'
import { stateFiles } from '@muster/base/state.ts'
import { execa } from 'execa'
import { atStage, type Lab, reaches, tellStory } from './story.ts'

/** Emulated, each stage takes minutes. */
const PATIENCE = 3600
const AT_HOME = ['enrolled', 'configuring', 'joining', 'deploying', 'ready']

async function install(lab: Lab): Promise<void> {
  const { vm, stages, api } = lab
  await vm.powerOn('network')
  await vm.says(/Linux version/, 120)
  stages.reached('the kernel of the installer starts')
  await reaches(lab, 'the disk is asked for', atStage('partman'), PATIENCE)
  stages.reached('the installer has its preseed and asks for its disk')
  await reaches(lab, 'the disk is partitioned', atStage('debootstrap'), PATIENCE)
  stages.reached('the disk is partitioned')
  await reaches(lab, 'the base system is there', atStage('packages'), PATIENCE)
  stages.reached('the base system is installed')
  await reaches(lab, 'the late command runs', atStage('late'), PATIENCE)
  stages.reached('kernel, packages and boot loader are installed')
  await reaches(lab, 'it is installed', ({ state }) => state === 'installed', PATIENCE)
  stages.reached('it is installed and restarts')
  const cpu = await vm.cpuSeconds()
  await reaches(lab, 'it calls home', ({ state }) => AT_HOME.includes(state), PATIENCE)
  stages.reached(`it called home from its disk (CPU seconds: ${cpu.toFixed(0)} before)`)
  const { ip_address } = await api.machine('p1')
  await isWhatAnsibleExpects(lab, ip_address!)
  stages.reached('it answers SSH and has what Ansible expects')
}

const CHECKS = `. /etc/os-release && echo "$ID $VERSION_ID"
hostname
python3 -c 'import apt; print("python3-apt")'
for program in curl ip; do command -v $program >/dev/null && echo $program; done
test -s /etc/ssl/certs/ca-certificates.crt && echo certificates
findmnt -no FSTYPE /
grep -c MUSTER_SECRET /etc/default/muster-call-home
getent shadow root | cut -d: -f2`

async function isWhatAnsibleExpects({ vm }: Lab, address: string): Promise<void> {
  const { sshKey } = stateFiles(path.join(vm.plan.folder, 'state'))
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null']
  const flags = ['-q', '-i', sshKey, ...options.flatMap((option) => ['-o', option])]
  const { stdout } = await execa('ssh', [...flags, `root@${address}`, CHECKS], { reject: false })
  const lines = ['debian 13', 'p1', 'python3-apt', 'curl', 'ip', 'certificates']
  assert.deepEqual(stdout.split('\n'), [...lines, 'ext4', '0', '*'])
}

await tellStory(process.argv.slice(2), install)
