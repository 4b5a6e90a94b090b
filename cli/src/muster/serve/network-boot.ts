import { mkdir, stat } from 'node:fs/promises'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import { DNSMASQ_IN_FOREGROUND, dnsmasqConfig, LAB_PREFIX } from '@muster/pxe/dhcp/config.ts'
import { type BootSettings, writeBootSettings } from '@muster/pxe/dhcp/settings.ts'
import { execa } from 'execa'
import { Child } from '../../up/child.ts'

export type ServePlan = {
  state: string
  settings: BootSettings
  url: string
  range: readonly [string, string] | undefined
  say: (line: string) => void
}

/** dnsmasq with our configuration, kept running until it is stopped. */
export class NetworkBoot {
  readonly #plan: ServePlan
  readonly #child: Child

  private constructor(plan: ServePlan) {
    this.#plan = plan
    this.#child = new Child({
      name: 'dnsmasq',
      command: 'dnsmasq',
      args: [...DNSMASQ_IN_FOREGROUND, '-C', bootFiles(plan.state).dnsmasqConfig],
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      state: plan.state,
      onRestart: plan.say,
    })
  }

  /** Writes its configuration and starts it. @throws Error where dnsmasq does not accept the configuration */
  static async start(plan: ServePlan): Promise<NetworkBoot> {
    await configure(plan)
    const boot = new NetworkBoot(plan)
    if (plan.settings.mode === 'full') await boot.#advertised('replace')
    boot.#child.start()
    return boot
  }

  async stop(): Promise<void> {
    await this.#child.stop()
    if (this.#plan.settings.mode === 'full') await this.#advertised('del')
  }

  /** dnsmasq advertises only a prefix of which its interface has an address. Nobody uses it: it is not preferred. */
  async #advertised(action: 'replace' | 'del'): Promise<void> {
    const { settings, say } = this.#plan
    const address = [`${LAB_PREFIX}1/64`, 'dev', settings.interface]
    const more = action === 'replace' ? ['nodad', 'preferred_lft', '0'] : []
    const run = await execa('ip', ['-6', 'address', action, ...address, ...more], { reject: false })
    if (run.exitCode !== 0 && action === 'replace')
      say(`without IPv6 on ${settings.interface}, iPXE waits 13 s longer (${run.stderr})`)
  }
}

async function configure({ state, settings, url, range }: ServePlan): Promise<void> {
  const files = bootFiles(state)
  await privateFolder(files.folder)
  for (const folder of [files.tftp, files.dhcpHosts]) await mkdir(folder, { recursive: true })
  const text = await dnsmasqConfig({
    ...settings,
    url,
    folder: files.folder,
    user: await ownerOf(files.folder),
    ...(range ? { range } : {}),
  })
  await replaceFile(files.dnsmasqConfig, text)
  await execa('dnsmasq', ['--test', '-C', files.dnsmasqConfig])
  await writeBootSettings(state, settings)
}

/** The only user who may enter the folder. */
async function ownerOf(folder: string): Promise<string> {
  return (await execa('id', ['-nu', String((await stat(folder)).uid)])).stdout
}
