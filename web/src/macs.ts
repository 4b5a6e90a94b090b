import { Mac } from '@muster/provisioning-api/contract/hardware.ts'

/** MAC addresses one per line, commas and blanks allowed; `wrong` = what is none. */
export function readMacs(text: string): { macs: string[]; wrong: string[] } {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '')
  const macs = new Set<string>()
  const wrong: string[] = []
  for (const part of parts) {
    const parsed = Mac.safeParse(part)
    if (parsed.success) macs.add(parsed.data)
    else wrong.push(part)
  }
  return { macs: [...macs], wrong }
}
