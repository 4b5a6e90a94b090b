import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillCluster, machine, step } from './samples.ts'
import { Stage, until } from './stage.ts'

const stage = new Stage()

test('each machine shows its state in words, its stage and its address', async () => {
  fillCluster(stage.fake)
  const page = await stage.enter()
  const card = (name: string) => page.locator(`[data-machine=${name}]`)
  await card('w1').getByText('A node of the cluster, with its expert running.').waitFor()
  await card('w2').getByText('TASK [consul : Write the configuration]').waitFor()
  await card('w3').getByText('SSH to 10.0.0.23 was refused').waitFor()
  await card('w4').getByText('10.0.0.24').waitFor()
  assert.equal(await page.textContent('#enrolment'), 'Enrolment open until 15:40')
  stage.fake.machines = [machine('w2')]
  await card('w2').getByText('ready', { exact: true }).waitFor()
  assert.equal(await page.locator('.machine').count(), 1)
})

test('the log of a job is followed to its end and stays where a person scrolled', async () => {
  fillCluster(stage.fake)
  const lines = Array.from({ length: 200 }, (_, index) => `ok: [w2] ü ${index}\n`).join('')
  stage.fake.logs.set('job-w2', { text: lines, done: false })
  const page = await stage.enter()
  await page.click('[data-machine=w2] summary')
  const log = page.locator('[data-machine=w2] .log')
  const gap = () =>
    log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)
  await until(
    'it is at its end',
    async () => (await log.textContent()) === lines && (await gap()) < 2,
  )
  await log.evaluate((element) => element.scrollTo(0, 40))
  stage.fake.logs.set('job-w2', { text: `${lines}PLAY RECAP\n`, done: true })
  await page.getByText('This is the whole log.').waitFor()
  assert.equal(await log.textContent(), `${lines}PLAY RECAP\n`)
  assert.equal(await log.evaluate((element) => element.scrollTop), 40)
  assert.equal(await log.getAttribute('role'), 'log')
})

test('a failed machine is provisioned again, and the new log replaces the old one', async () => {
  fillCluster(stage.fake)
  const page = await stage.enter()
  const card = page.locator('[data-machine=w3]')
  await card.locator('summary').click()
  await card.getByText('UNREACHABLE').waitFor()
  stage.fake.logs.set('again', { text: 'PLAY [second run]\n', done: false })
  stage.fake.onProvision = (name) => {
    stage.fake.machines = [machine(name, { state: 'enrolled', job_id: 'again' })]
  }
  await card.getByRole('button', { name: 'Provision again w3' }).click()
  await card.getByText('PLAY [second run]').waitFor()
  assert.deepEqual(stage.fake.provisioned, ['w3'])
  assert.equal(await card.getByText('UNREACHABLE').count(), 0)
  assert.equal(await card.getByRole('button').count(), 0)
  assert.equal(await card.getByText('Provisioning for w3 accepted.').count(), 1)
})

test('without machines the page says how to add one', async () => {
  const page = await stage.enter()
  await page.getByText('No machine has been seen yet.').waitFor()
  await page.getByText('Enrolment is closed now').waitFor()
})

test('the steps of the start are told, with failures, and fold away when all is up', async () => {
  stage.fake.progress = {
    cluster: false,
    steps: [
      step('a', 'done', { seconds: 65 }),
      step('b', 'failed', { detail: 'Port 8500 is taken. Stop the program that uses it.' }),
      step('c', 'waiting'),
    ],
  }
  const page = await stage.enter()
  await page.getByText('done, 1 min 5 s').waitFor()
  await page.getByText('Port 8500 is taken').waitFor()
  await page.getByText('1 step failed').waitFor()
  stage.fake.progress = { cluster: true, steps: [step('a', 'done'), step('b', 'done')] }
  await page.getByText('the cluster is up').waitFor()
  await page.getByText('Step a').waitFor({ state: 'hidden' })
})

test('experts are listed with machine, model and health, and the fallback is marked', async () => {
  fillCluster(stage.fake)
  const page = await stage.enter()
  await page.locator('[data-expert="general@w1"]').waitFor()
  const text = async (id: string) => (await page.textContent(`[data-expert="${id}"]`)) ?? ''
  assert.match(await text('general@w1'), /qwen2\.5-3b-instruct, on w1/)
  assert.match(await text('coder@w2'), /not healthy.*Its health check fails\./)
  assert.match(await text('embedded'), /fallback/)
  assert.doesNotMatch(await text('general@w1'), /fallback/)
})

test('states are saved and loaded by name, never by a blank one', async () => {
  const page = await stage.enter()
  await page.fill('#save-name-input', '  ')
  assert.equal(await page.isDisabled('#save-state-btn'), true)
  assert.equal(await page.isDisabled('#load-state-btn'), true)
  await page.fill('#save-name-input', 'monday')
  await page.click('#load-state-btn')
  await page.getByText("Save state 'monday' not found").waitFor()
  await page.click('#save-state-btn')
  await page.getByText("Successfully save of 'monday'").waitFor()
  assert.deepEqual(stage.fake.saved, ['monday'])
})

test('only reachable surfaces are links', async () => {
  fillCluster(stage.fake)
  const page = await stage.enter()
  await page.waitForSelector('#admin-ui-links li:nth-child(2)')
  const links = await page
    .locator('#admin-ui-links a')
    .evaluateAll((all) => all.map((link) => link.getAttribute('href')))
  assert.deepEqual(links, ['http://10.0.0.2:8500/ui'])
})

test('an agent that goes away is told, and what was known stays on the page', async () => {
  fillCluster(stage.fake)
  const page = await stage.enter()
  await page.locator('[data-machine=w1]').waitFor()
  await page.route('**/api/machines', (route) => route.abort())
  await page.getByText('The agent does not answer. Trying again.').waitFor()
  assert.equal(await page.locator('.machine').count(), 4)
})
