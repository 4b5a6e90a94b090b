import type { Facts, Firmware } from '@muster/provisioning-api/contract/hardware.ts'

/** `bytes` of its one disk. */
export type LabPc = { mac: string; bytes: number; firmware: Firmware }

/** What a PC of the lab is, as its live system would tell. */
const labFacts = ({ mac, bytes, firmware }: LabPc): Facts => ({
  firmware,
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

/** Shows itself, as iPXE does. @returns the script it is given */
export async function showUp(base: string, { mac, firmware }: LabPc): Promise<string> {
  const query = new URLSearchParams({
    macs: mac.replaceAll(':', '-'),
    platform: firmware === 'uefi' ? 'efi' : 'pcbios',
    cpu: 'x86_64',
  })
  return (await fetch(`${base}/boot/script?${query}`)).text()
}

/** Plays the live system of an accepted machine: tells its hardware. @returns the server's plan, `key=value` lines */
export async function inspect(base: string, pc: LabPc): Promise<string> {
  const script = await showUp(base, pc)
  const grant = / grant=([0-9a-f]{32})/.exec(script)?.[1]
  if (!grant) throw new Error(`no live system with a grant in:\n${script}`)
  const answer = await fetch(`${base}/boot/facts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant, facts: labFacts(pc) }),
  })
  return answer.text()
}
