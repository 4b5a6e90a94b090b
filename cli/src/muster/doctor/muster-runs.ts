import { runningUp } from '../../up/running.ts'
import { bad, type Check, type Finding, ok } from './finding.ts'

const CHECK = 'Muster'

/** Whether the servers of this appliance run, and where machines can reach them. */
export const checkMuster: Check = async ({ state, boot }) => {
  const running = await runningUp(state)
  if (!running) return [judgeMuster({ api: undefined, answers: false }, boot?.address)]
  const answer = await fetch(`${running.provisioningApi}/health`, {
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined)
  const facts = { api: running.provisioningApi, answers: answer?.status === 200 }
  return [judgeMuster(facts, boot?.address)]
}

/** @param address where machines look for it; undefined where network boot never ran */
export function judgeMuster(
  { api, answers }: { api: string | undefined; answers: boolean },
  address: string | undefined,
): Finding {
  const start = `npm run up -- --address ${address ?? 'ADDRESS'}`
  if (!api) return bad(CHECK, 'its servers do not run', `Start them: ${start}`)
  if (!answers) return bad(CHECK, `${api} does not answer`, 'Its log is in the state folder.')
  if (address && new URL(api).hostname !== address)
    return bad(
      CHECK,
      `its provisioning API listens on ${api}; machines look for it on ${address}`,
      `Start it there: ${start}`,
    )
  return ok(CHECK, `its provisioning API answers on ${api}`)
}
