import { BlockList, isIPv4, isIPv6 } from 'node:net'

type Rule = { reason: string; list: BlockList }

function rule(reason: string, ...subnets: [string, number, 'ipv4' | 'ipv6'][]): Rule {
  const list = new BlockList()
  for (const [net, prefix, family] of subnets) list.addSubnet(net, prefix, family)
  return { reason, list }
}

const LOOPBACK = rule('a loopback address', ['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6'])
/** Asked of IPv6 literals only: a BlockList takes an IPv4 address for its mapped form. */
const MAPPED = rule('an IPv4 address in IPv6 form', ['::ffff:0:0', 96, 'ipv6'])
const NEVER: readonly Rule[] = [
  rule('an unspecified address', ['0.0.0.0', 8, 'ipv4'], ['::', 128, 'ipv6']),
  rule('a multicast address', ['224.0.0.0', 4, 'ipv4'], ['ff00::', 8, 'ipv6']),
  rule('a link-local address', ['169.254.0.0', 16, 'ipv4'], ['fe80::', 10, 'ipv6']),
  rule('the broadcast address', ['255.255.255.255', 32, 'ipv4']),
]

/** The one spelling of an address that a machine may have, or why it may not. */
export function canonicalAddress(
  text: string,
  allowLoopback: boolean,
): { address: string } | { problem: string } {
  const family = isIPv4(text) ? 'ipv4' : isIPv6(text) && !text.includes('%') ? 'ipv6' : undefined
  if (!family) return { problem: 'expected one IPv4 or IPv6 address' }
  const rules = [
    ...(family === 'ipv6' ? [MAPPED] : []),
    ...NEVER,
    ...(allowLoopback ? [] : [LOOPBACK]),
  ]
  const broken = rules.find(({ list }) => list.check(text, family))
  if (broken) return { problem: `${broken.reason} cannot be a machine's` }
  return { address: family === 'ipv4' ? text : compressed(text) }
}

/** The URL parser writes IPv6 literals as RFC 5952 asks: lower case, longest run of zeros as `::`. */
const compressed = (text: string): string => new URL(`http://[${text}]/`).hostname.slice(1, -1)
