import { renderRoleTemplate } from '@muster/cluster/role-template.ts'
import { z } from 'zod'

/** One word of dnsmasq's configuration: a space, comma or `#` would begin something else. */
const Word = z
  .string()
  .regex(/^[A-Za-z0-9_.:/@%+~-]+$/, 'only letters, digits and _.:/@%+~- are possible here')

/** Variables of the pxe_server role's template (`ansible/roles/pxe_server/defaults/main.yml` describes each). */
export const DnsmasqVariables = z.object({
  pxe_server_mode: z.enum(['proxy', 'full']),
  pxe_server_interface: Word,
  pxe_server_address: z.ipv4(),
  pxe_server_url: z.url({ protocol: /^http$/ }).and(Word),
  pxe_server_boot_folder: Word,
  pxe_server_user: Word,
  pxe_server_range_first: z.union([z.ipv4(), z.literal('')]),
  pxe_server_range_last: z.union([z.ipv4(), z.literal('')]),
  pxe_server_lease: z.string().regex(/^\d+[mh]?$/),
  pxe_server_router: z.ipv4(),
  pxe_server_dns: z.ipv4(),
  pxe_server_ra_prefix: z.union([z.ipv6(), z.literal('')]),
})
export type DnsmasqVariables = z.infer<typeof DnsmasqVariables>

/** How network boot runs on one segment. */
export type DhcpPlan = {
  mode: 'proxy' | 'full'
  interface: string
  /** Ours on that interface. */
  address: string
  /** The provisioning API as machines reach it, without a slash at the end. */
  url: string
  /** `bootFiles(state).folder` */
  folder: string
  /** Who may enter that folder: dnsmasq runs as this user. */
  user: string
  /** First and last address that machines may get; mode full only. */
  range?: readonly [string, string]
}

/** A prefix of the kind that is used on one site only (RFC 4193); it leads nowhere. */
export const LAB_PREFIX = 'fd6d:7573:7465::'

/** Arguments of dnsmasq as a child: it stays, and logs to its standard error. */
export const DNSMASQ_IN_FOREGROUND = ['--keep-in-foreground', '--log-facility=-'] as const

/** The text of dnsmasq.conf. @throws ZodError for a value that would say something else there */
export async function dnsmasqConfig(plan: DhcpPlan): Promise<string> {
  const [first, last] = plan.range ?? ['', '']
  if (plan.mode === 'full' && !first) throw new Error('full DHCP needs a range of addresses')
  const variables = DnsmasqVariables.parse({
    pxe_server_mode: plan.mode,
    pxe_server_interface: plan.interface,
    pxe_server_address: plan.address,
    pxe_server_url: plan.url,
    pxe_server_boot_folder: plan.folder,
    pxe_server_user: plan.user,
    pxe_server_range_first: first,
    pxe_server_range_last: last,
    pxe_server_lease: '1h',
    pxe_server_router: plan.address,
    pxe_server_dns: plan.address,
    pxe_server_ra_prefix: plan.mode === 'full' ? LAB_PREFIX : '',
  } satisfies DnsmasqVariables)
  return renderRoleTemplate('pxe_server/templates/dnsmasq.conf.j2', variables)
}
