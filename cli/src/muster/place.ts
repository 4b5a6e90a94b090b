import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { UsageError } from './command.ts'

/** Where network boot listens. */
export type Place = { interface: string; address: string }

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/** The interface and its IPv4 address, from one of them or both. @throws UsageError that lists what there is */
export function findPlace(
  wanted: { interface?: string | undefined; address?: string | undefined },
  all: Interfaces = networkInterfaces(),
): Place {
  const places = Object.entries(all).flatMap(([name, entries]) =>
    (entries ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ interface: name, address })),
  )
  const [found] = places.filter(
    (place) =>
      (!wanted.interface || place.interface === wanted.interface) &&
      (!wanted.address || place.address === wanted.address),
  )
  if (found) return found
  const known = places.map((place) => `${place.interface} (${place.address})`).join(', ')
  const what = [wanted.interface, wanted.address].filter(Boolean).join(' with ')
  throw new UsageError(
    `this machine has no interface ${what} with an IPv4 address; it has ${known || 'none'}`,
  )
}
