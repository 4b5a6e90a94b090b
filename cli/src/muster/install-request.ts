import { AcceptRequest } from '@muster/provisioning-api/contract/boot.ts'
import {
  DiskRule,
  InstallMode,
  Machine,
  MachineName,
} from '@muster/provisioning-api/contract/machine.ts'
import { z } from 'zod'
import { OperatorApi } from './api.ts'
import { EXIT, type ExitCode, print, readLine } from './command.ts'

/** The options of accepting a machine, for the help. */
export const INSTALL_USAGE = `
  --disk ID        the disk to install on, by the stable id that \`muster machines --json\` shows (default: its only one)
  --erase          install even though the disk is not blank; everything on it is lost
  --mode MODE      image (default: writes the prebuilt disk image) or package (runs the Debian installer)
  --json           one line of JSON: the Machine of the provisioning API
`

const Options = {
  name: MachineName.optional(),
  disk: DiskRule.optional(),
  erase: z.boolean().optional(),
  mode: InstallMode.optional(),
}

/** Asks the provisioning API to install a machine at its next network boot. */
export async function requestInstall(
  action: 'accept' | 'reinstall',
  argv: readonly string[],
): Promise<ExitCode> {
  const { options, names, state, json } = readLine(argv, Options, ['NAME'])
  const body = AcceptRequest.parse(options)
  const api = await OperatorApi.open(state)
  const route = `/api/machines/${encodeURIComponent(names[0]!)}/${action}`
  const machine = await api.post(route, body, Machine)
  if (json) print(JSON.stringify(machine))
  else print(`${machine.name} is ${machine.state}. Let it boot from the network now.`)
  return EXIT.ok
}
