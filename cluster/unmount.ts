import { readFile } from 'node:fs/promises'
import { execa } from 'execa'

/** Takes away what Nomad's client left mounted below a folder: it keeps the folders of ended tasks until a clean-up. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  const points = mounts
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
  // The innermost first.
  for (const point of points.sort().reverse())
    await execa('umount', ['-l', point], { reject: false })
}
