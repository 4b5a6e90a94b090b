import type { Facts } from '@muster/provisioning-api/contract/hardware.ts'

/** What a PC of the lab is, as its live system would tell. */
export const labFacts = (mac: string, bytes: number): Facts => ({
  firmware: 'bios',
  cpu: { model: 'QEMU', cores: 2, flags: 'fpu lm sse4_2' },
  memory_mb: 1500,
  product: { vendor: 'QEMU', name: 'Standard PC (Q35 + ICH9, 2009)', serial: '', uuid: '' },
  disks: [
    {
      // As pxe/live/disk-id.sh makes it from the serial number DISK0; the installer has to find the same.
      id: 'serial:_DISK0',
      name: 'vda',
      bytes,
      model: '',
      serial: 'DISK0',
      removable: false,
      rotational: true,
      blank: true,
      contents: '',
    },
  ],
  nics: [{ name: 'eth0', mac, driver: 'virtio_net', link: true, mbps: null }],
})

const scriptOf = async (base: string, mac: string): Promise<string> => {
  const query = new URLSearchParams({
    macs: mac.replaceAll(':', '-'),
    platform: 'pcbios',
    cpu: 'x86_64',
  })
  return (await fetch(`${base}/boot/script?${query}`)).text()
}

/** Shows itself for the first time, as iPXE does. */
export const showUp = scriptOf

/** Plays the live system of an accepted machine: tells its hardware. @returns the server's plan, `key=value` lines */
export async function inspect(base: string, facts: Facts): Promise<string> {
  const script = await scriptOf(base, facts.nics[0]!.mac)
  const grant = / grant=([0-9a-f]{32})/.exec(script)?.[1]
  if (!grant) throw new Error(`no live system with a grant in:\n${script}`)
  const answer = await fetch(`${base}/boot/facts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant, facts }),
  })
  return answer.text()
}
