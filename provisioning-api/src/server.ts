import { openCluster } from '@muster/cluster/open-cluster.ts'
import { type Config, readConfig } from './config.ts'
import { serve } from './serve.ts'

try {
  const config: Config = readConfig(process.env)
  await serve(config, openCluster({ state: config.state }))
} catch (error) {
  process.stderr.write(
    `provisioning-api cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
  )
  process.exit(1)
}
