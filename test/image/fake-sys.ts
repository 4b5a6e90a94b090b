import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A tree of sysfs, /proc and /dev in a folder: what the scripts of the live system read. */
export class FakeSys {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** The environment that makes the scripts look here. */
  get env(): Record<string, string> {
    const at = (name: string) => path.join(this.folder, name)
    return { SYS: at('sys'), PROC: at('proc'), DEV: at('dev') }
  }

  async file(name: string, content: string): Promise<void> {
    const file = path.join(this.folder, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, content)
  }

  /** A disk of `/sys/block` that lies at this place below `/sys/devices`, with files of its folder. */
  async disk(
    place: string,
    { files = {}, mib = 4 }: { files?: Record<string, string>; mib?: number } = {},
  ): Promise<void> {
    const name = path.basename(place)
    const folder = `sys/devices/${place}`
    await this.file(`${folder}/size`, `${mib * 2048}\n`)
    for (const [file, content] of Object.entries(files))
      await this.file(`${folder}/${file}`, content)
    await mkdir(path.join(this.folder, 'sys/block'), { recursive: true })
    await symlink(`../devices/${place}`, path.join(this.folder, 'sys/block', name))
    await this.file(`dev/${name}`, '')
    await truncate(path.join(this.folder, 'dev', name), mib * 1024 * 1024)
  }

  /** A card of `/sys/class/net`; with a driver it has hardware. */
  async nic(
    name: string,
    { files, driver }: { files: Record<string, string>; driver?: string },
  ): Promise<void> {
    const folder = `sys/class/net/${name}`
    for (const [file, content] of Object.entries(files))
      await this.file(`${folder}/${file}`, content)
    if (!driver) return
    await this.file(`sys/bus/drivers/${driver}/module`, '')
    await mkdir(path.join(this.folder, folder, 'device'), { recursive: true })
    await symlink(
      path.join(this.folder, 'sys/bus/drivers', driver),
      path.join(this.folder, folder, 'device/driver'),
    )
  }
}
