import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { bad, type Check, type Finding, ok, warn } from './finding.ts'

const CHECK = 'disk space'
const GB = 1e9
/** A build keeps two systems, an image and its parts. */
const FOR_A_BUILD = 8 * GB
/** Below it, records and logs may not be written any more. */
const FOR_RUNNING = 1 * GB

/** Whether there is room for builds, records and logs. */
export const checkDiskSpace: Check = async ({ state, cache }) =>
  Promise.all([state, cache].map(async (folder) => judgeDiskSpace(folder, await freeBytes(folder))))

export function judgeDiskSpace(folder: string, free: number): Finding {
  const text = `${(free / GB).toFixed(1)} GB are free for ${folder}`
  if (free < FOR_RUNNING)
    return bad(CHECK, text, 'Free some space: records of machines can be lost.')
  if (free < FOR_A_BUILD)
    return warn(CHECK, text, `Free some space: a build needs ${FOR_A_BUILD / GB} GB.`)
  return ok(CHECK, text)
}

/** Of the file system on which the folder is or will be. */
async function freeBytes(folder: string): Promise<number> {
  const found = await statfs(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return found ? found.bavail * found.bsize : freeBytes(path.dirname(folder))
}
