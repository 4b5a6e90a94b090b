import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { axe, LOOKS, overflow } from './looks.ts'
import { discovered, disk, fillShelf, hardware, machine } from './samples.ts'
import { Stage, until } from './stage.ts'

const stage = new Stage()
const installer = () => stage.fake.installer
const dialog = (page: Page) => page.getByRole('dialog')
const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document
    return activeElement?.id || activeElement?.textContent
  })
/** Waits until the page has read the list of machines once more. */
async function refreshed(page: Page): Promise<void> {
  await page.waitForResponse('**/api/machines')
  await page.waitForResponse('**/api/machines')
}
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}
/** Tabs on to an element by its name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stops = 0; stops < 40; stops++) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`${name} is not reached with the keyboard`)
}

test('a discovered machine is accepted with the keyboard alone', async () => {
  stage.fake.machines = [discovered('pc-1a2b3c')]
  installer().onWanted = () => {
    stage.fake.machines = [
      discovered('w1', { state: 'accepted' }, { id: 'id-pc-1a2b3c', mode: 'image' }),
    ]
  }
  const page = await stage.enter()
  const card = page.locator('[data-machine=pc-1a2b3c]')
  await card.getByText('52:54:00:1a:2b:3c, UEFI, Dell Inc. OptiPlex 3020M').waitFor()
  await tabTo(page, 'Accept pc-1a2b3c')
  await press(page, 'Enter')
  await dialog(page).waitFor()
  assert.equal(await focused(page), 'install-name')
  assert.equal(await page.inputValue('#install-name'), 'pc-1a2b3c')
  await press(page, 'Control+a')
  await page.keyboard.type('w1')
  await tabTo(page, 'install-erase')
  await press(page, 'Space')
  await page.getByText('Whatever is on it will be lost.').waitFor()
  await press(page, 'Enter')
  await dialog(page).waitFor({ state: 'detached' })
  await page.locator('[data-machine=w1]').getByText('accepted', { exact: true }).waitFor()
  assert.deepEqual(installer().wanted, [
    {
      of: 'pc-1a2b3c',
      action: 'accept',
      body: { name: 'w1', mode: 'image', disk: 'only', erase: true },
    },
  ])
  assert.equal(await focused(page), 'machine-id-pc-1a2b3c')
  await page.getByText('w1: accepted.').waitFor({ state: 'attached' })
})

test('the form keeps what was typed, and the focus, while the list changes below it', async () => {
  stage.fake.machines = [discovered('b')]
  const page = await stage.enter()
  await page.getByRole('button', { name: 'Accept b' }).click()
  await page.fill('#install-name', 'half-ty')
  stage.fake.machines = [
    discovered('a'),
    discovered('b', { last_seen: '2026-05-01T13:21:00Z' }, { hints: ['Another hint.'] }),
    machine('c'),
  ]
  await page.locator('[data-machine=c]').waitFor()
  await page.keyboard.type('ped')
  assert.equal(await page.inputValue('#install-name'), 'half-typed')
  stage.fake.machines = [discovered('b', { state: 'installing', actions: [] })]
  await dialog(page).getByText('b is installing by now').waitFor()
  assert.equal(await focused(page), 'install-name')
  stage.fake.machines = []
  await dialog(page).getByText('It is not in the list of machines any more.').waitFor()
})

test('Escape closes the form, and the focus is back where it was', async () => {
  stage.fake.machines = [discovered('b')]
  const page = await stage.enter()
  await page.getByRole('button', { name: 'Retire b' }).click()
  await dialog(page).getByText('Retire b?').waitFor()
  assert.equal(await focused(page), 'Cancel')
  await press(page, 'Escape')
  await dialog(page).waitFor({ state: 'detached' })
  assert.equal(await focused(page), 'Retire b')
  assert.deepEqual(installer().wanted, [])
})

test('a button that went away below the dialog leaves the focus on its machine', async () => {
  stage.fake.machines = [discovered('b')]
  const page = await stage.enter()
  await page.getByRole('button', { name: 'Retire b' }).click()
  stage.fake.machines = [discovered('b', { actions: [] })]
  await refreshed(page)
  await press(page, 'Escape')
  await until('it is there', async () => (await focused(page)) === 'machine-id-b')
})

test('what the server refuses stands in the form, at the field it is about', async () => {
  stage.fake.machines = [discovered('b')]
  const page = await stage.enter()
  await page.getByRole('button', { name: 'Accept b' }).click()
  const alert = dialog(page).getByRole('alert')
  const send = () => dialog(page).getByRole('button', { name: 'Accept', exact: true }).click()

  const detail = [{ loc: ['body', 'name'], msg: 'this name is reserved', type: 'custom' }]
  installer().refusal = { status: 422, body: { detail } }
  await send()
  await alert.getByText('name: this name is reserved').waitFor()
  assert.equal(await focused(page), 'install-name')
  assert.equal(await page.getAttribute('#install-name', 'aria-invalid'), 'true')
  assert.equal(await page.getAttribute('#install-name', 'aria-describedby'), 'dialog-problem')

  installer().refusal = {
    status: 409,
    body: { detail: 'Another machine has this name. Choose another one.', name: 'b' },
  }
  await send()
  await alert.getByText('Another machine has this name.').waitFor()
  assert.equal(await focused(page), 'install-name')

  installer().refusal = { status: 409, body: { detail: 'Not possible in this state.' } }
  await send()
  await alert.getByText('Not possible in this state.').waitFor()
  assert.equal(await page.getAttribute('#install-name', 'aria-invalid'), null)

  installer().refusal = null
  await send()
  await dialog(page).waitFor({ state: 'detached' })
})

test('to reinstall, one chooses the disk, allows to erase it and types the name', async () => {
  const disks = [disk('wwid:a'), disk('wwid:b', { model: 'WDC', name: 'sdb', contents: 'Photos' })]
  stage.fake.machines = [
    discovered(
      'w1',
      { ip_address: '10.0.0.9', state: 'ready', actions: ['reinstall'] },
      { hardware: hardware({ disks }) },
    ),
  ]
  const page = await stage.enter()
  await page.getByRole('button', { name: 'Reinstall w1' }).click()
  const send = () => dialog(page).getByRole('button', { name: 'Reinstall' }).click()
  const problem = (text: string) => dialog(page).getByRole('alert').getByText(text).waitFor()
  assert.equal(await page.locator('#install-name').count(), 0)
  await send()
  await problem('Choose the disk')
  await page.getByLabel('WDC').check()
  await page.getByText('without your permission nothing is installed').waitFor()
  await send()
  await problem('Allow it, or cancel')
  await page.getByLabel('Erase what is on the disk').check()
  const warning = (await page.textContent('#erase-warning')) ?? ''
  assert.match(warning, /^Warning: Everything on this disk will be lost\. WDC.*: Photos\.$/)
  await page.fill('#install-confirmation', 'w2')
  await send()
  await problem('Type “w1” to confirm.')
  assert.equal(await focused(page), 'install-confirmation')
  assert.deepEqual(installer().wanted, [])
  await page.fill('#install-confirmation', 'w1')
  await page.getByLabel('Debian installer').check()
  await send()
  await dialog(page).waitFor({ state: 'detached' })
  assert.deepEqual(installer().wanted, [
    { of: 'w1', action: 'reinstall', body: { mode: 'package', disk: 'wwid:b', erase: true } },
  ])
})

test('an installation shows its stage and how far it is', async () => {
  const at = (stageNow: string, percent: number | null) => {
    stage.fake.machines = [
      discovered('p2', { state: 'installing', stage: stageNow, actions: [] }, { percent }),
    ]
  }
  at('inspect', null)
  const page = await stage.enter()
  const bar = page.getByRole('progressbar')
  await page.getByText('Looking at its hardware').waitFor()
  assert.equal(await bar.getAttribute('value'), null)
  at('write', 42.7)
  await page.getByText('42 %').waitFor()
  assert.equal(await bar.getAttribute('value'), '42.7')
  assert.equal(await bar.getAttribute('aria-label'), 'Installing p2: Writing the image to its disk')
})

test('a failure, a conflict and hints are told with what to do', async () => {
  fillShelf(stage.fake)
  const page = await stage.enter()
  const card = (name: string) => page.locator(`[data-machine=${name}]`)
  await card('p3').getByText('is not blank (Windows on 3 partitions)').waitFor()
  await card('p3')
    .getByText('When the cause is mended: accept it again, or reinstall it.')
    .waitFor()
  await card('p3').getByText('Its UUID is also that of p2.').waitFor()
  await card('p3').getByText('Installation log').click()
  await card('p3').getByText('inspect: 1 disk').waitFor()
  await card('p4').getByText('came with another board than before.').waitFor()
  await card('p4').getByText('it starts from its own disk only').waitFor()
  await card('p4').getByRole('button', { name: 'It is the same machine' }).click()
  await dialog(page).getByText('Nothing is installed or erased by this').waitFor()
  await dialog(page).getByRole('button', { name: 'Yes, it is' }).click()
  await dialog(page).waitFor({ state: 'detached' })
  assert.deepEqual(installer().wanted, [{ of: 'p4', action: 'accept', body: {} }])
})

test('only what is possible has a button', async () => {
  fillShelf(stage.fake)
  const page = await stage.enter()
  const buttons = (name: string) => page.locator(`[data-machine=${name}] .actions button`)
  await buttons('p6').waitFor()
  assert.deepEqual(await buttons('pc-1a2b3c').allTextContents(), [
    'Accept pc-1a2b3c',
    'Retire pc-1a2b3c',
  ])
  assert.deepEqual(await buttons('p2').allTextContents(), ['Retire p2'])
  assert.deepEqual(await buttons('p6').allTextContents(), ['Accept again p6'])
})

test('the hardware is shown when it is unfolded', async () => {
  fillShelf(stage.fake)
  const page = await stage.enter()
  const card = page.locator('[data-machine=p5]')
  await card.locator('summary', { hasText: 'Hardware' }).click()
  const text = (await card.locator('.hardware').textContent()) ?? ''
  for (const part of ['i5-4590T', '4 cores', 'variant haswell', '7.7 GB', '240 GB SSD', 'no cable'])
    assert.ok(text.includes(part), part)
})

test('the next first program is tried, and the default comes back', async () => {
  const boot = (boot_binary: string | null) => {
    stage.fake.machines = [discovered('b', {}, { platform: 'pcbios', boot_binary })]
  }
  boot(null)
  installer().onWanted = ({ body }) =>
    boot((body as { binary: string | null }).binary && 'undionly.kkpxe')
  const page = await stage.enter()
  await page.getByText('Does not boot from the network?').click()
  const current = () => page.textContent('.chain [aria-current] code')
  assert.equal(await current(), 'undionly.kpxe')
  await page.getByRole('button', { name: 'Try undionly.kkpxe' }).click()
  await page.getByRole('button', { name: 'Try ipxe.pxe' }).waitFor()
  assert.equal(await current(), 'undionly.kkpxe')
  await page.getByRole('button', { name: 'Back to the default' }).click()
  await page.getByRole('button', { name: 'Try undionly.kkpxe' }).waitFor()
  boot('ipxe.pxe')
  assert.equal(await page.isDisabled('button:has-text("All were tried")'), true)
  assert.deepEqual(
    installer().wanted.map(({ body }) => body),
    [{ binary: 'next' }, { binary: null }],
  )
})

test('listed machines are accepted for a while, and the pill says until when', async () => {
  const page = await stage.enter()
  await page.getByText('Accept machines by their MAC address').click()
  const send = () => page.getByRole('button', { name: 'Accept them' }).click()
  await send()
  await page.getByText('Write at least one MAC address').waitFor()
  await page.fill('#window-macs', '52-54-00-00-00-01\nnonsense')
  await send()
  await page.getByText('No MAC address of a network card: nonsense').waitFor()
  assert.equal(await focused(page), 'window-macs')
  await page.fill('#window-macs', '52-54-00-00-00-01\n52:54:00:00:00:02\n')
  await page.fill('#window-minutes', '30')
  await send()
  await page.locator('#accept-window').waitFor()
  assert.equal(await page.textContent('#accept-window'), 'Accepting 2 listed machines until 15:40')
  await page.getByRole('button', { name: 'Stop accepting' }).click()
  await page.locator('#accept-window').waitFor({ state: 'detached' })
  assert.deepEqual(
    installer().wanted.map(({ body }) => body),
    [
      { macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'], minutes: 30, erase: false },
      { minutes: 0 },
    ],
  )
})

for (const [name, options] of Object.entries(LOOKS))
  test(`axe finds nothing on the shelf and in the forms (${name})`, async () => {
    fillShelf(stage.fake)
    const page = await stage.enter({ ...options, reducedMotion: 'reduce' })
    await page.locator('[data-machine=p6]').waitFor()
    for (const summary of await page.locator('.machine summary, .window summary').all())
      await summary.click()
    await page.getByRole('button', { name: 'Accept them' }).click()
    assert.deepEqual(await axe(page), [])
    assert.equal(await overflow(page), 0)
    await page.getByRole('button', { name: 'Reinstall p5' }).click()
    await page.getByLabel('Erase what is on the disk').check()
    await dialog(page).getByRole('button', { name: 'Reinstall' }).click()
    await dialog(page).getByText('Type “p5” to confirm.').first().waitFor()
    assert.deepEqual(await axe(page), [])
    await press(page, 'Escape')
    for (const button of ['Retire p5', 'It is the same machine p4', 'Accept pc-1a2b3c']) {
      await page.getByRole('button', { name: button }).click()
      assert.deepEqual(await axe(page), [], button)
      const inside = await dialog(page).evaluate((box) => box.scrollWidth - box.clientWidth)
      assert.equal(inside, 0, button)
      await press(page, 'Escape')
      await dialog(page).waitFor({ state: 'detached' })
    }
    assert.deepEqual(page.complaints, { csp: [], errors: [] })
  })
