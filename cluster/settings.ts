import { readFile } from 'node:fs/promises'
import { ClusterSettings, clusterFiles } from './layout.ts'

/** What the appliance of this state folder decided. @throws Error where there was no `up` with a cluster */
export async function readSettings(state: string): Promise<ClusterSettings> {
  return ClusterSettings.parse(JSON.parse(await readFile(clusterFiles(state).settings, 'utf8')))
}
