import type { Expert } from '@muster/agent-app/contract/expert.ts'
import type { ProgressStep } from '@muster/agent-app/contract/progress.ts'
import type { Disk, Hardware } from '@muster/provisioning-api/contract/hardware.ts'
import type { Machine, MachineBoot } from '@muster/provisioning-api/contract/machine.ts'
import type { FakeAgent } from './fake-agent.ts'

export const machine = (name: string, change: Partial<Machine> = {}): Machine => ({
  name,
  ip_address: '10.0.0.21',
  state: 'ready',
  stage: null,
  reason: null,
  job_id: `job-${name}`,
  first_seen: '2026-05-01T13:00:00Z',
  last_seen: '2026-05-01T13:20:00Z',
  previous_addresses: [],
  actions: [],
  boot: null,
  ...change,
})

export const disk = (id: string, change: Partial<Disk> = {}): Disk => ({
  id,
  name: 'sda',
  bytes: 240_057_409_536,
  model: 'KINGSTON SA400S37240G',
  serial: '50026B7',
  removable: false,
  rotational: false,
  blank: false,
  contents: 'Windows on 3 partitions',
  ...change,
})

export const hardware = (change: Partial<Hardware> = {}): Hardware => ({
  firmware: 'uefi',
  cpu: { model: 'Intel(R) Core(TM) i5-4590T CPU @ 2.00GHz', cores: 4, variant: 'haswell' },
  memory_mb: 7864,
  product: PRODUCT,
  disks: [disk('wwid:naa.5002')],
  nics: [
    { name: 'eno1', mac: '52:54:00:1a:2b:3c', driver: 'e1000e', link: true, mbps: 1000 },
    { name: 'wlp2s0', mac: '52:54:00:1a:2b:3d', driver: 'iwlwifi', link: false, mbps: null },
  ],
  ...change,
})
const PRODUCT = {
  vendor: 'Dell Inc.',
  name: 'OptiPlex 3020M',
  serial: '8QJ4X12',
  uuid: '4c4c4544-0051-4a10-8034-b8c04f583132',
}

/** A machine that was seen at its network boot and nothing more. */
export const discovered = (
  name: string,
  change: Partial<Machine> = {},
  boot: Partial<MachineBoot> = {},
): Machine =>
  machine(name, {
    ip_address: null,
    state: 'discovered',
    job_id: null,
    actions: ['accept', 'retire'],
    ...change,
    boot: {
      id: `id-${name}`,
      macs: ['52:54:00:1a:2b:3c'],
      platform: 'efi',
      product: PRODUCT,
      mode: null,
      disk: null,
      erase: false,
      accepted_by: null,
      resolved_disk: null,
      percent: null,
      hardware: null,
      boot_binary: null,
      conflict: null,
      hints: [],
      ...boot,
    },
  })

export const expert = (id: string, change: Partial<Expert> = {}): Expert => ({
  id,
  name: id.split('@')[0] ?? id,
  kind: 'cluster',
  node: id.split('@')[1] ?? null,
  model: 'qwen2.5-3b-instruct',
  fallback: false,
  healthy: true,
  ...change,
})

export const step = (
  id: string,
  state: ProgressStep['state'],
  change: Partial<ProgressStep> = {},
): ProgressStep => ({ id, title: `Step ${id}`, state, detail: null, seconds: null, ...change })

/** A cluster in the middle of its life: every state is on the page. */
export function fillCluster(fake: FakeAgent): void {
  fake.machines = [
    machine('w1'),
    machine('w2', {
      ip_address: '10.0.0.22',
      state: 'configuring',
      stage: 'TASK [consul : Write the configuration]',
    }),
    machine('w3', {
      ip_address: '10.0.0.23',
      state: 'failed',
      actions: ['provision'],
      reason:
        'SSH to 10.0.0.23 was refused. Check that the installer finished, then provision again.',
      previous_addresses: ['10.0.0.19'],
    }),
    machine('w4', { ip_address: '10.0.0.24', state: 'enrolled', job_id: null }),
  ]
  fake.logs.set('job-w2', {
    text: 'PLAY [workers]\nTASK [common : Packages]\nok: [w2]\n',
    done: false,
  })
  fake.logs.set('job-w3', { text: 'PLAY [workers]\nfatal: [w3]: UNREACHABLE!\n', done: true })
  fake.experts = [
    expert('general@w1'),
    expert('coder@w2', {
      model: 'qwen2.5-coder-7b',
      healthy: false,
      detail: 'Its health check fails.',
    }),
    expert('embedded', { kind: 'embedded', node: null, model: 'tool-caller', fallback: true }),
  ]
  fake.enrolment = { open: true, until: '2026-05-01T15:40:00Z', machine: null }
  fake.progress = {
    cluster: false,
    steps: [
      step('tools', 'done', { title: 'Fetch Nomad and Consul', seconds: 4.2 }),
      step('certificates', 'skipped', {
        title: 'Make certificates',
        detail: 'They exist already.',
      }),
      step('servers', 'running', { title: 'Start the cluster servers', seconds: 12 }),
      step('expert', 'waiting', { title: 'Wait for the first expert' }),
    ],
  }
  fake.links = [
    { name: 'Consul', url: 'http://10.0.0.2:8500/ui' },
    { name: 'Nomad (Not Reachable)', url: '#' },
  ]
}

/** Machines before they are installed, while they are, and where it went wrong. */
export function fillShelf(fake: FakeAgent): void {
  const accepted = { mode: 'image', disk: 'only', accepted_by: 'operator' } as const
  const known = { ...accepted, hardware: hardware(), resolved_disk: 'wwid:naa.5002', erase: true }
  fake.machines = [
    discovered('pc-1a2b3c'),
    discovered('p1', { state: 'accepted', actions: ['accept', 'retire'] }, accepted),
    discovered(
      'p2',
      { state: 'installing', stage: 'write', actions: ['retire'] },
      { ...known, percent: 42.7 },
    ),
    discovered(
      'p3',
      {
        state: 'failed',
        reason:
          'The disk KINGSTON SA400S37240G is not blank (Windows on 3 partitions). Accept it again with "erase" to lose what is on it.',
        actions: ['accept', 'reinstall', 'retire'],
      },
      { ...known, platform: 'pcbios', hints: ['Its UUID is also that of p2.'] },
    ),
    discovered(
      'p4',
      {
        ip_address: '10.0.0.31',
        state: 'ready',
        actions: ['accept', 'reinstall', 'retire', 'provision'],
      },
      { ...known, conflict: 'A card 52:54:00:1a:2b:3c came with another board than before.' },
    ),
    discovered(
      'p5',
      { ip_address: '10.0.0.32', state: 'ready', actions: ['reinstall', 'retire', 'provision'] },
      known,
    ),
    discovered('p6', { state: 'retired', actions: ['accept'] }, known),
  ]
  fake.installer.bootLogs.set('p3', 'inspect: 1 disk\n')
  fake.installer.acceptWindow = {
    ...fake.installer.acceptWindow,
    open: true,
    until: '2026-05-01T15:40:00Z',
    macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'],
  }
}
