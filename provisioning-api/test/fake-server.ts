import { readConfig } from '../src/config.ts'
import { serve } from '../src/serve.ts'
import { FakeCluster } from './fake-cluster.ts'

/** The real server process, with a fake cluster behind it. */
try {
  await serve(readConfig(process.env), new FakeCluster())
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
