import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import { readIfThere } from '@muster/cluster/secret-file.ts'
import { z } from 'zod'

/** How network boot runs here: `<state>/boot/settings.json`. */
export const BootSettings = z.object({
  mode: z.enum(['proxy', 'full']),
  interface: z.string(),
  /** Ours on that interface. */
  address: z.ipv4(),
})
export type BootSettings = z.infer<typeof BootSettings>

/** Undefined before network boot first ran here. */
export async function readBootSettings(state: string): Promise<BootSettings | undefined> {
  const text = await readIfThere(bootFiles(state).settings)
  return text ? BootSettings.parse(JSON.parse(text)) : undefined
}

export async function writeBootSettings(state: string, settings: BootSettings): Promise<void> {
  await privateFolder(bootFiles(state).folder)
  await replaceFile(bootFiles(state).settings, `${JSON.stringify(settings, null, 2)}\n`)
}
