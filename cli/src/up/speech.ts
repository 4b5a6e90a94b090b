import { readFile } from 'node:fs/promises'
import { stateFiles } from '@muster/base/state.ts'
import type { ClusterSettings } from '@muster/cluster/layout.ts'
import type { UpOptions } from './options.ts'
import type { Running, UpLine } from './running.ts'

type Form = Pick<UpOptions, 'json'>
const out = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

export function printReady(line: UpLine, { json }: Form): void {
  out(
    json
      ? JSON.stringify(line)
      : `
  Mission Control   ${line.missionControl}
  API key           ${line.apiKey}
  OpenAI clients    ${line.openai}
  State             ${line.state}

  Open the page, enter the key, ask something: the embedded fallback expert answers at once.
`,
  )
}

export function printCluster(settings: ClusterSettings, { json }: Form): void {
  const loopback = settings.address === '127.0.0.1'
  const next = loopback
    ? 'To let other machines join: stop, then `npm run up -- --address <an address of this machine> --enrol 60`.'
    : `New machines call home to ${settings.address}; docs/ADD_A_MACHINE.md says how.`
  const boot = 'Network boot needs root and is not part of this start.'
  const text = `
  The cluster runs: expert "${settings.expert.name}" (${settings.expert.model}) answers now.
  ${settings.exec ? 'Tasks run isolated (exec).' : `Without root, tasks run without isolation (raw_exec). ${boot}`}
  ${next}
  Ctrl-C stops everything.
`
  out(json ? JSON.stringify({ cluster: true }) : text)
}

export async function printAlreadyRunning(running: Running, options: UpOptions): Promise<void> {
  const apiKey = (await readFile(stateFiles(options.state).apiKey, 'utf8')).trim()
  const { pid, started: _, cluster, ...line } = running
  if (!options.json)
    process.stderr.write(`Muster runs already (pid ${pid}); nothing was changed.\n`)
  printReady({ ...line, apiKey }, options)
  if (cluster && options.json) out(JSON.stringify({ cluster: true }))
}
