import { createLogger } from '@muster/base/logger.ts'
import { runServer } from '@muster/base/server-process.ts'
import type { ClusterPort } from '@muster/cluster/port.ts'
import type { Config } from './config.ts'
import { openParts } from './parts.ts'

/**
 * Opens the parts, listens, and takes jobs once the port is ours.
 * @throws Error with a sentence when the parts cannot be opened
 */
export async function serve(config: Config, cluster: ClusterPort): Promise<void> {
  const logger = createLogger('provisioning-api')
  const { app, queue, enrolment, syslog } = await openParts({ config, cluster, logger })
  const { open, until } = enrolment.current()
  logger.info(keySentence(config))
  logger.info(
    open
      ? `Machines without a key may call home until ${until}.`
      : 'Machines without a key may not call home. POST /api/enrolment opens a window.',
  )
  app.addHook('onListen', async () => {
    if (config.syslogPort > 0) await syslog.listen(config.syslogPort, config.host)
    await queue.start()
  })
  await runServer(app, {
    name: 'provisioning-api',
    host: config.host,
    port: config.port,
    state: config.state,
    variables: { host: 'MUSTER_PROVISIONING_HOST', port: 'MUSTER_PROVISIONING_PORT' },
  })
}

function keySentence({ keys, keySource }: Config): string {
  return keys.length === 0
    ? 'No API keys are configured (PIPECAT_API_KEYS and PIECAT_API_KEYS are empty): every key is refused.'
    : `${keys.length} API key(s) from ${keySource}. A bare digest has all scopes.`
}
