import { stateFiles } from '@muster/base/state.ts'
import { BootEvents, sentenceOf } from '@muster/pxe/dhcp/events.ts'
import { z } from 'zod'
import { portFrom } from '../up/ports.ts'
import { type Command, EXIT, print, readLine, say, UsageError } from './command.ts'
import { findPlace } from './place.ts'
import { follow, lengthOf } from './serve/follow.ts'
import { NetworkBoot, type ServePlan } from './serve/network-boot.ts'
import { preflight } from './serve/preflight.ts'

const usage = `answers machines that boot from the network, until Ctrl-C
  --interface NAME | --address IP [--mode proxy|full] [--range FIRST,LAST] [--check] [--json] [--state FOLDER]

  --interface NAME      where the machines are
  --address IP          the same by an address of this machine
  --mode proxy          beside the DHCP server of a router, which gives the addresses (default)
  --mode full           gives addresses, too, in a network without a DHCP server; refused where another answers
  --range FIRST,LAST    the addresses to give, for --mode full
  --check               only looks whether all is ready for that
  --json                a line of JSON for each event, as machines boot

It needs root, what \`boot build\` makes, and \`npm run up -- --address IP\`.
`

const Options = {
  interface: z.string().optional(),
  address: z.ipv4('takes an IPv4 address of this machine').optional(),
  mode: z.enum(['proxy', 'full'], 'takes proxy or full').default('proxy'),
  range: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.tuple([z.ipv4(), z.ipv4()], 'takes FIRST,LAST'))
    .optional(),
  check: z.boolean().default(false),
}

export const bootServe: Command = {
  usage,
  async run(argv) {
    const { options, state, json } = readLine(argv, Options)
    if (!options.interface && !options.address)
      throw new UsageError('name the interface of the machines with --interface or --address')
    if (options.mode === 'full' && !options.range)
      throw new UsageError('--mode full needs --range, such as --range 10.20.0.100,10.20.0.199')
    const settings = { ...findPlace(options), mode: options.mode }
    const url = `http://${settings.address}:${portFrom('MUSTER_PROVISIONING_PORT', 8001)}`
    const { signal } = interruption()
    await preflight({ state, settings, url, say, signal })
    if (options.check) {
      print(json ? JSON.stringify({ ready: true }) : 'Ready.')
      return EXIT.ok
    }
    await serve({ state, settings, url, range: options.range, say }, { json, signal })
    return EXIT.ok
  },
}

/** Aborts at the first Ctrl-C or its like; further ones change nothing. */
function interruption(): AbortController {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.abort(new Error('interrupted')))
  return interrupted
}

type Manner = { json: boolean; signal: AbortSignal }

/** Runs dnsmasq and tells what it does, until the signal. */
async function serve(plan: ServePlan, { json, signal }: Manner): Promise<void> {
  const log = stateFiles(plan.state).log('dnsmasq')
  const from = await lengthOf(log)
  const boot = await NetworkBoot.start(plan)
  try {
    const { settings, url } = plan
    if (json) print(JSON.stringify({ serving: { ...settings, url } }))
    else print(`Network boot (${settings.mode}) on ${settings.interface}: ${url}. Ctrl-C stops it.`)
    const events = new BootEvents()
    let last = ''
    for await (const line of follow(log, { from, signal })) {
      const event = events.read(line)
      const text = event && (json ? JSON.stringify(event) : `  ${sentenceOf(event)}`)
      // Firmware asks again and again.
      if (text && text !== last) print(text)
      last = text ?? last
    }
  } finally {
    say('Stopping ...')
    await boot.stop()
  }
}
