/** Configuration of a home router: it gives addresses, and knows nothing of network boot. */
export const routerConfig = (folder: string, ...more: string[]): string =>
  [
    'port=0',
    'interface=eth0',
    'bind-dynamic',
    'user=root',
    `pid-file=${folder}/dnsmasq.pid`,
    `dhcp-leasefile=${folder}/leases`,
    'no-ping',
    'dhcp-range=10.77.0.100,10.77.0.200,1h',
    ...more,
    '',
  ].join('\n')

export const ROUTER_ADDRESS = '10.77.0.3'

/** Configuration of another proxy DHCP server: boot information only. */
export const proxyConfig = (folder: string): string =>
  routerConfig(folder, 'pxe-service=X86PC,"other",other.0').replace(
    /dhcp-range=.*/,
    `dhcp-range=${ROUTER_ADDRESS},proxy`,
  )
