import type Consul from 'consul'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Directory } from '../experts/directory.ts'

/** A page of the cluster. `url` is null when it cannot be reached: no broken link. */
type WebUi = { name: string; url: string | null }

const UNREACHABLE: WebUi[] = [
  { name: 'Consul (Not Reachable)', url: null },
  { name: 'Nomad (Not Reachable)', url: null },
]
const NOMAD_PORT = 4646
/** A Consul that hangs is as good as one that is away. */
const PATIENCE_MS = 3_000

const CatalogEntry = z.object({ Address: z.string(), ServiceAddress: z.string().default('') })
const Instance = z.object({
  Node: z.object({ Address: z.string() }),
  Service: z.object({ Address: z.string().default(''), Port: z.int() }),
  Checks: z.array(z.object({ Type: z.string().default(''), Status: z.string() })).default([]),
})
type Instance = z.infer<typeof Instance>

/** `GET /api/web_uis`: Consul, Nomad and every service with a passing HTTP check. */
export function webUiRoutes(
  app: FastifyInstance,
  { directory, consulUrl }: { directory: Pick<Directory, 'client'>; consulUrl: string },
): void {
  app.get('/api/web_uis', async (request, reply) => {
    try {
      return await within(PATIENCE_MS, listWebUis(directory.client(), consulUrl))
    } catch (error) {
      request.log.info(`Consul does not answer: ${String(error)}`)
      return reply.code(503).send(UNREACHABLE)
    }
  })
}

async function listWebUis(consul: Consul, consulUrl: string): Promise<WebUi[]> {
  const services = Object.keys(await consul.catalog.service.list())
  const found: WebUi[] = [{ name: 'Consul', url: new URL('/ui', consulUrl).href }]
  const nomad = z.array(CatalogEntry).parse(await consul.catalog.service.nodes('nomad'))[0]
  if (nomad)
    found.push({
      name: 'Nomad',
      url: `https://${nomad.ServiceAddress || nomad.Address}:${NOMAD_PORT}`,
    })
  for (const name of services.filter(isShown)) {
    const entries = await consul.health.service({ service: name, passing: true })
    const url = pageOf(z.array(Instance).parse(entries))
    if (url) found.push({ name, url })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Services that have a page: experts and their workers have none. */
const isShown = (name: string): boolean =>
  !['nomad', 'nomad-client', 'consul'].includes(name) &&
  !name.startsWith('llama') &&
  !name.includes('pipecat')

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`no answer within ${milliseconds} ms`)),
    milliseconds,
  )
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The first instance's address when any instance has a passing HTTP check. */
function pageOf(instances: readonly Instance[]): string | undefined {
  const passes = instances.some(({ Checks }) =>
    Checks.some(({ Type, Status }) => Type.includes('http') && Status === 'passing'),
  )
  const [first] = instances
  if (!passes || !first) return undefined
  return `http://${first.Service.Address || first.Node.Address}:${first.Service.Port}`
}
