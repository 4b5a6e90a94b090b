import { createServer } from 'node:net'

/** A port from the environment. @throws Error that names the variable */
export function portFrom(variable: string, standard: number): number {
  const text = process.env[variable]
  if (!text) return standard
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`${variable} is '${text}'; it takes a port from 1 to 65535`)
}

/** @throws Error that names the taken port and what to do */
export async function requireFreePorts(
  ports: readonly number[],
  host: string,
  variable?: string,
): Promise<void> {
  for (const port of ports) {
    if (await isFree(port, host)) continue
    const other = variable ? `, or choose another with ${variable}` : ''
    throw new Error(
      `port ${port} on ${host} is taken: stop the program that uses it (ss -ltnp 'sport = :${port}')${other}`,
    )
  }
}

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return resolve(false)
      if (error.code === 'EADDRNOTAVAIL')
        return reject(new Error(`${host} is not an address of this machine`))
      reject(error)
    })
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
