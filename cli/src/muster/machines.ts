import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { z } from 'zod'
import { OperatorApi } from './api.ts'
import { type Command, EXIT, print, readLine } from './command.ts'
import { tableOf } from './table.ts'

const usage = `lists the machines, and what can be done with each
  [--json] [--state FOLDER]

  --json   one line of JSON: Machine[] of the provisioning API
`

export const machines: Command = {
  usage,
  async run(argv) {
    const { state, json } = readLine(argv, {})
    const api = await OperatorApi.open(state)
    const list = await api.get('/api/machines', z.array(Machine))
    if (json) print(JSON.stringify(list))
    else
      print(
        list.length > 0
          ? machinesText(list)
          : 'No machine yet: let one boot from the network, or call home.',
      )
    return EXIT.ok
  },
}

/** The list for a terminal: one line each, and below what a person should know about it. */
export function machinesText(list: readonly Machine[]): string {
  const rows = list.map((machine) => [
    machine.name,
    machine.state,
    machine.ip_address ?? '-',
    machine.boot?.macs[0] ?? '-',
    machine.boot?.hardware ? hardwareText(machine.boot.hardware) : '-',
    machine.actions.join(' '),
  ])
  const table = tableOf([['name', 'state', 'address', 'MAC', 'hardware', 'can be'], ...rows])
  const notes = list.flatMap((machine) =>
    notesOf(machine).map((text) => `${machine.name}: ${text}`),
  )
  return notes.length > 0 ? `${table}\n\n${notes.join('\n')}` : table
}

type Hardware = NonNullable<NonNullable<Machine['boot']>['hardware']>

function hardwareText({ cpu, memory_mb, disks }: Hardware): string {
  const sizes = disks.map(({ bytes }) => `${Math.round(bytes / 1e9)} GB`)
  return `${cpu.cores} cores, ${(memory_mb / 1024).toFixed(1)} GiB, ${sizes.join(' + ') || 'no disk'}`
}

const notesOf = ({ reason, boot }: Machine): string[] =>
  [reason, boot?.conflict, ...(boot?.hints ?? [])].filter((text) => typeof text === 'string')
