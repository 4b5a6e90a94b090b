import type { Expert } from '@muster/agent-app/contract/expert.ts'
import type { ProgressStep } from '@muster/agent-app/contract/progress.ts'
import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
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
