import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { OperatorApi } from './api.ts'
import { type Command, EXIT, print, readLine } from './command.ts'

const usage = `retires a machine: it boots its disk and may not call home
  NAME [--json] [--state FOLDER]

  --json   one line of JSON: the Machine of the provisioning API
`

export const retire: Command = {
  usage,
  async run(argv) {
    const { names, state, json } = readLine(argv, {}, ['NAME'])
    const api = await OperatorApi.open(state)
    const route = `/api/machines/${encodeURIComponent(names[0]!)}/retire`
    const machine = await api.post(route, {}, Machine)
    print(json ? JSON.stringify(machine) : `${machine.name} is retired.`)
    return EXIT.ok
  },
}
