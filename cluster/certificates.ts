import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { readIfThere } from './secret-file.ts'
import type { ReleaseName } from './versions.ts'

/** PEM texts of one end of a mutual TLS connection. */
export type Certificate = { ca: string; cert: string; key: string }
type Authority = { binary: string; name: ReleaseName; ca: string; caKey: string }

const SCOPE: Record<ReleaseName, readonly string[]> = {
  consul: ['-dc', 'dc1'],
  nomad: ['-region', 'global'],
}

/** Makes the certificate authority of Consul or Nomad once; its key never leaves the appliance. */
export async function ensureAuthority({ binary, name, ca, caKey }: Authority): Promise<void> {
  if (await readIfThere(caKey)) return
  await inWorkFolder(async (work) => {
    await execa(binary, ['tls', 'ca', 'create', '-days', '3650'], { cwd: work })
    await privateFolder(path.dirname(ca))
    // The certificate first: a crash in between makes both again, never a key without its certificate.
    await replaceFile(ca, await readFile(path.join(work, `${name}-agent-ca.pem`)))
    await replaceFile(caKey, await readFile(path.join(work, `${name}-agent-ca-key.pem`)))
  })
}

/** Issues a certificate for a server at these addresses, or for a client (no addresses). Valid a year. */
export async function issue(
  authority: Authority,
  role: { server: readonly string[] } | 'client',
): Promise<Certificate> {
  return inWorkFolder(async (work) => {
    const server = role !== 'client'
    const names = server ? role.server.map((address) => `-additional-ipaddress=${address}`) : []
    await execa(
      authority.binary,
      [
        'tls',
        'cert',
        'create',
        server ? '-server' : '-client',
        ...SCOPE[authority.name],
        ...names,
        '-days',
        '365',
        '-ca',
        authority.ca,
        '-key',
        authority.caKey,
      ],
      { cwd: work },
    )
    const stem = fileStem(authority.name, server)
    return {
      ca: await readFile(authority.ca, 'utf8'),
      cert: await readFile(path.join(work, `${stem}.pem`), 'utf8'),
      key: await readFile(path.join(work, `${stem}-key.pem`), 'utf8'),
    }
  })
}

/** The names both tools give their output. */
const fileStem = (name: ReleaseName, server: boolean): string => {
  const role = server ? 'server' : 'client'
  return name === 'consul' ? `dc1-${role}-consul-0` : `global-${role}-nomad`
}

/** Both tools number their output files in the current folder, so each call gets a folder of its own. */
async function inWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-tls-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes an agent's certificate into its folder, and again when its address changed or its end is near. */
export async function ensureCertificate(
  folder: string,
  address: string,
  make: () => Promise<Certificate>,
): Promise<void> {
  await privateFolder(folder)
  const present = await readIfThere(path.join(folder, 'cert.pem'))
  if (present && stillGood(present, address) && (await readIfThere(path.join(folder, 'key.pem'))))
    return
  const { ca, cert, key } = await make()
  await replaceFile(path.join(folder, 'ca.pem'), ca)
  await replaceFile(path.join(folder, 'key.pem'), key)
  await replaceFile(path.join(folder, 'cert.pem'), cert)
}

/** Whether a certificate names the address and lives for a month more. */
function stillGood(pem: string, address: string, now = Date.now()): boolean {
  const certificate = new X509Certificate(pem)
  const monthLeft = certificate.validToDate.getTime() - now > 30 * 86_400_000
  return certificate.checkIP(address) !== undefined && monthLeft
}
