import { readFile } from 'node:fs/promises'
import { replaceFile } from '@muster/base/atomic-file.ts'
import type { Job } from '../contract/job.ts'
import { withFileLock } from './file-lock.ts'
import { plainText } from './jobs/plain-text.ts'

const EXCERPT_CHARACTERS = 4000

type Failure = { job: Job; reason: string; log: string }

/** Adds the failure of a job to the list a person works through; a job is listed once. */
export function recordFailure(file: string, failure: Failure): Promise<void> {
  return withFileLock(file, async (assertHeld) => {
    const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    if (before.includes(`](jobs/${failure.job.id}/log)`)) return
    assertHeld()
    await replaceFile(file, before + failureBlock(failure))
  })
}

/** One block of TODO.md. Neither the log nor the reason can end its code fence. */
export function failureBlock({ job, reason, log }: Failure): string {
  const clean = plainText(log)
  const excerpt = clean.slice(-EXCERPT_CHARACTERS)
  const cut = excerpt.length < clean.length ? '[cut; the link above has the whole log]\n' : ''
  const fence = '`'.repeat(Math.max(3, longestRun(excerpt) + 1, longestRun(reason) + 1))
  return [
    '',
    '---',
    `### Provisioning Failed for \`${job.machine}\``,
    `- **IP Address:** ${job.ip_address}`,
    `- **Timestamp:** ${job.ended ?? job.created}`,
    `- **Job:** [${job.id}](jobs/${job.id}/log)`,
    '- **Error Log:**',
    fence,
    `${plainText(reason)}\n\n${cut}${excerpt}`,
    fence,
    '',
  ].join('\n')
}

const longestRun = (text: string): number =>
  Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
