import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { clusterFiles } from '@muster/cluster/layout.ts'

/** Every secret of an appliance's cluster with its file: tokens and keys whole, of private keys one line each. */
export async function clusterSecrets(state: string): Promise<{ file: string; secret: string }[]> {
  const { folder, data, settings, nodeIds } = clusterFiles(state)
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(path.dirname(data.consul)) && !file.startsWith(nodeIds))
    .filter((file) => file !== settings)
  const found = await Promise.all(files.map(async (file) => secretsIn(file)))
  return found.flat()
}

async function secretsIn(file: string): Promise<{ file: string; secret: string }[]> {
  const text = (await readFile(file, 'utf8')).trim()
  if (file.endsWith('key.pem')) return [{ file, secret: text.split('\n')[1]! }]
  // Certificates are public; an agent's configuration repeats secrets that have files of their own.
  if (file.endsWith('.pem') || file.endsWith('.json') || text === '') return []
  return [{ file, secret: text }]
}
