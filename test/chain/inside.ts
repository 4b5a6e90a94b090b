// Runs inside the network namespace: an appliance, a machine it has never seen, and a person at the page.
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Expert } from '@muster/agent-app/contract/expert.ts'
import type { Progress } from '@muster/agent-app/contract/progress.ts'
import type { Job } from '@muster/provisioning-api/contract/job.ts'
import { openBrowser } from '@muster/web/test/browser.ts'
import { Appliance } from '../lab/appliance.ts'
import { Machine } from '../lab/machine.ts'
import { GivenUp, until } from '../lab/until.ts'
import { MissionControl } from './mission-control.ts'
import { Stages } from './stages.ts'

const [network = '', folder = ''] = process.argv.slice(2)
const ADDRESS = '10.77.0.1'
const ROOT = path.join(import.meta.dirname, '../..')
const say = (line: string) => process.stderr.write(`${line}\n`)

const state = path.join(folder, 'state')
const stages = new Stages(say)
await mkdir(folder, { recursive: true })
const cleanups: (() => Promise<unknown>)[] = []

async function chain(): Promise<void> {
  const model = path.join(ROOT, 'models/tape.gguf')
  const args = ['--address', ADDRESS, '--enrol', '30', '--model', model, '--state', state]
  const appliance = await Appliance.start(args, {
    onSay: (line) => process.env.MUSTER_VERBOSE && say(line),
  })
  cleanups.push(() => appliance.stop())
  stages.reached('Mission Control answers (embedded fallback expert)')
  await appliance.cluster()
  stages.reached('the cluster of the appliance runs its own expert')
  await until('the artifacts of the appliance', () => isOpenToMachines(appliance))
  stages.reached('it has packed what machines fetch')

  const machine = await newMachine(appliance)
  await provision(appliance, machine)
  const page = await person(appliance)
  await askMachine(page, 'say [[one two three four]]', 'one two three four')
  await page.screenshot(path.join(folder, 'mission-control.png'))
  await killExpertMidAnswer(appliance, page)
  await powerCycle(appliance, machine)
  await askMachine(
    page,
    'say [[back again after the power was off]]',
    'back again after the power was off',
  )
  await powerCut(appliance, machine)
  await askMachine(page, 'say [[and after a power cut]]', 'and after a power cut')
  await provisionAgain(appliance)
  assert.equal(await appliance.stop(), 0)
  stages.reached('Ctrl-C: the appliance is down')
}

async function isOpenToMachines(appliance: Appliance): Promise<boolean> {
  const { steps } = await appliance.get<Progress>('/api/cluster')
  return steps.some(({ id, state }) => id === 'store' && state === 'done')
}

async function newMachine(appliance: Appliance): Promise<Machine> {
  const authorizedKey = await readFile(path.join(state, 'ssh/id_ed25519.pub'), 'utf8')
  const musterUrl = appliance.line.provisioningApi
  const machine = new Machine({
    name: 'w1',
    address: '10.77.0.21',
    network,
    folder,
    authorizedKey,
    musterUrl,
  })
  cleanups.push(() => machine.remove())
  await machine.powerOn()
  stages.reached('a Debian 13 machine is powered on')
  return machine
}

/** From the call-home to an expert that the agent app sees. */
async function provision(appliance: Appliance, machine: Machine): Promise<void> {
  await until('w1 calls home', async () => (await appliance.machine('w1')) !== undefined)
  stages.reached('it called home and was accepted (202)')
  for (const [state, name] of [
    ['configuring', 'its job runs: variables, certificates, tokens'],
    ['joining', 'Ansible configured it'],
    ['deploying', 'it joined Consul and Nomad'],
    ['ready', 'its RPC worker and expert run'],
  ] as const) {
    await until(`w1 ${state}`, () => reachedState(appliance, state), 240)
    stages.reached(name)
  }
  await until('general@w1 in the directory', () => seesExpert(appliance), 10)
  stages.reached('the agent app sees general@w1')
  const enabled = await machine
    .run(['systemctl', 'is-enabled', 'call-home.service'])
    .catch((error) => error.stdout)
  assert.equal(enabled, 'disabled', 'a machine that was heard never calls again')
}

const ORDER = ['enrolled', 'configuring', 'joining', 'deploying', 'ready']

async function reachedState(appliance: Appliance, state: string): Promise<boolean> {
  const machine = await appliance.machine('w1')
  if (machine?.state === 'failed') {
    const log = await appliance.get<{ text: string }>(`/api/jobs/${machine.job_id}/log?from=0`)
    throw new GivenUp(`w1 failed: ${machine.reason}\n${log.text.slice(-3000)}`)
  }
  return ORDER.indexOf(machine?.state ?? '') >= ORDER.indexOf(state)
}

const seesExpert = async (appliance: Appliance): Promise<boolean> =>
  (await appliance.get<Expert[]>('/api/experts')).some(
    (expert) => expert.id === 'general@w1' && expert.healthy,
  )

async function person(appliance: Appliance): Promise<MissionControl> {
  const browser = await openBrowser()
  cleanups.push(() => browser.close())
  const { missionControl: url, apiKey } = appliance.line
  const page = await MissionControl.signIn(browser, { url, apiKey })
  stages.reached('a person signed in to Mission Control')
  return page
}

async function askMachine(page: MissionControl, question: string, expected: string): Promise<void> {
  await page.choose('general@w1')
  const before = await page.answers()
  await page.ask(question)
  await page.firstToken(before)
  stages.reached('the first token of the machine is on the page')
  const answer = await page.wholeAnswer(before)
  assert.equal(answer.text, expected)
  assert.match(answer.caption, /general@w1/)
  stages.reached('the whole answer is on the page')
}

/** The process of llama-server dies while its answer streams: an error, and the question stays. */
async function killExpertMidAnswer(appliance: Appliance, page: MissionControl): Promise<void> {
  const long = Array.from({ length: 80 }, (_, index) => `word${index}`)
    .join(' ')
    .slice(0, 480)
  const before = await page.answers()
  const pid = await expertProcess('w1')
  await page.ask(`say [[${long}]]`)
  await page.firstToken(before)
  process.kill(pid, 'SIGKILL')
  const error = await until(
    'an error line for the cut answer',
    async () => (await page.error()) || undefined,
    20,
  )
  assert.match(error, /died|expert/i)
  stages.reached('its expert was killed mid-answer: the page says so')
  await until(
    'general@w1 is gone or new',
    async () => (await expertProcess('w1').catch(() => pid)) !== pid,
    60,
  )
  await until('general@w1 answers again', () => seesExpert(appliance), 60)
  stages.reached('Nomad started it again')
}

/** The llama-server of a machine, as the host sees it. */
async function expertProcess(name: string): Promise<number> {
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (!command.includes('--alias')) continue
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (environment.includes(`NOMAD_JOB_NAME=expert-general-${name}`)) return pid
  }
  throw new Error(`no llama-server of ${name}`)
}

async function powerCycle(appliance: Appliance, machine: Machine): Promise<void> {
  await machine.powerOff()
  stages.reached('the machine was shut down')
  await until('general@w1 leaves', async () => !(await seesExpert(appliance)), 60)
  stages.reached('the agent app no longer routes to it')
  await machine.powerOn()
  stages.reached('the machine was powered on again')
  await until('general@w1 is back', () => seesExpert(appliance), 90)
  stages.reached('the agent app sees general@w1 again')
}

/** The plug is pulled: Consul misses the machine, and its old services must not be believed when it is back. */
async function powerCut(appliance: Appliance, machine: Machine): Promise<void> {
  await machine.cutPower()
  await until('general@w1 is no longer routed to', async () => !(await seesExpert(appliance)), 60)
  stages.reached('the plug was pulled: Consul missed it, the agent app no longer routes to it')
  await machine.powerOn()
  await until('general@w1 answers', () => answersAgain(appliance), 90)
  stages.reached('it is back by itself')
}

/** Consul may show the services of before the cut for a moment: only an answer counts. */
async function answersAgain(appliance: Appliance): Promise<boolean> {
  const question = { model: 'general@w1', messages: [{ role: 'user', content: 'say [[here]]' }] }
  const { body } = await appliance.post<{ model?: string }>('/v1/chat/completions', question)
  return body?.model === 'general@w1'
}

/** The same play a second time changes nothing. */
async function provisionAgain(appliance: Appliance): Promise<void> {
  const { status, body } = await appliance.post<{ job_id: string }>(
    '/api/machines/w1/provision',
    {},
  )
  assert.equal(status, 202)
  await until(
    'the second run',
    async () => (await appliance.get<Job>(`/api/jobs/${body.job_id}`)).state === 'success',
    240,
  )
  const log = await appliance.get<{ text: string }>(`/api/jobs/${body.job_id}/log?from=0`)
  assert.match(log.text, /w1\s+: ok=\d+\s+changed=0\s+unreachable=0\s+failed=0/)
  stages.reached('provisioned a second time: changed=0')
}

try {
  await chain()
} finally {
  for (const clean of cleanups.reverse())
    await clean().catch((error: Error) => say(`clean-up: ${error.message}`))
}
process.stdout.write(`${JSON.stringify({ stages: stages.list })}\n`)
