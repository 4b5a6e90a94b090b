import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isThere, privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'

/** The key that signs the suite of this appliance. `folder` is private; the public part is a keyring for gpgv and apt. */
export type SuiteKey = { publicKey: Uint8Array; sign: (release: string) => Promise<Signatures> }
type Signatures = { inRelease: string; releaseGpg: string }

/** Makes the key at the first call and reads it afterwards. */
export async function openSuiteKey(folder: string): Promise<SuiteKey> {
  await privateFolder(folder)
  const secret = path.join(folder, 'secret.asc')
  const keyring = path.join(folder, 'public.gpg')
  if (!(await isThere(keyring)))
    await withGpg(async (gpg) => {
      const name = 'Packages of this Muster appliance'
      await gpg(['--passphrase', '', '--quick-gen-key', name, 'ed25519', 'sign', 'never'])
      const exported = await gpg(['--armor', '--export-secret-keys'])
      await replaceFile(secret, exported)
      // Last: with this file the key is whole.
      await replaceFile(keyring, await gpg(['--export'], undefined, 'buffer'))
    })
  return {
    publicKey: await readFile(keyring),
    sign: (release) =>
      withGpg(async (gpg) => {
        await gpg(['--import'], await readFile(secret, 'utf8'))
        return {
          inRelease: await gpg(['--clearsign'], release),
          releaseGpg: await gpg(['--armor', '--detach-sign'], release),
        }
      }),
  }
}

type Gpg = {
  (args: string[], input?: string): Promise<string>
  (args: string[], input: string | undefined, encoding: 'buffer'): Promise<Uint8Array>
}

/** gpg with a home that is gone afterwards, and its agent with it. */
async function withGpg<T>(work: (gpg: Gpg) => Promise<T>): Promise<T> {
  const home = await mkdtemp(path.join(tmpdir(), 'muster-gpg-'))
  const gpg = (async (args: string[], input?: string, encoding?: 'buffer') => {
    const all = ['--homedir', home, '--batch', '--yes', '--quiet', ...args]
    const options = { input: input ?? '', stripFinalNewline: false } as const
    return encoding
      ? (await execa('gpg', all, { ...options, encoding })).stdout
      : (await execa('gpg', all, options)).stdout
  }) as Gpg
  try {
    return await work(gpg)
  } finally {
    await execa('gpgconf', ['--homedir', home, '--kill', 'all'], { reject: false })
    await rm(home, { recursive: true, force: true })
  }
}
