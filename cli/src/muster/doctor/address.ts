import { execa } from 'execa'
import { z } from 'zod'
import { bad, type Check, type Finding, ok, warn } from './finding.ts'

const CHECK = 'address'

/** What `ip -j address` says about an interface. */
export const Interfaces = z.array(
  z.object({
    ifname: z.string(),
    operstate: z.string().default('UNKNOWN'),
    addr_info: z
      .array(z.object({ local: z.string().optional(), dynamic: z.boolean().default(false) }))
      .default([]),
  }),
)
type Interface = z.infer<typeof Interfaces>[number]

/** Whether machines will find the appliance at the same address tomorrow. */
export const checkAddress: Check = async ({ boot }) => {
  if (!boot) return []
  const run = await execa('ip', ['-j', '-4', 'address', 'show', 'dev', boot.interface], {
    reject: false,
  })
  const [found] = run.exitCode === 0 ? Interfaces.parse(JSON.parse(run.stdout)) : []
  return [judgeAddress(boot, found)]
}

export function judgeAddress(
  { interface: name, address }: { interface: string; address: string },
  found: Interface | undefined,
): Finding {
  if (!found) return bad(CHECK, `there is no interface ${name}`, 'Name another with --interface.')
  const own = found.addr_info.find(({ local }) => local === address)
  if (!own)
    return bad(
      CHECK,
      `${address} is no longer an address of ${name}`,
      `Give it back, or start network boot with another: npm run muster -- boot serve --interface ${name}`,
    )
  if (found.operstate === 'DOWN')
    return bad(CHECK, `${name} has no link`, 'Plug in its cable, or name another interface.')
  if (own.dynamic)
    return warn(
      CHECK,
      `${address} on ${name} was given by DHCP and can change`,
      'Set it by hand, or reserve it in the router.',
    )
  return ok(CHECK, `${address} on ${name} is fixed`)
}
