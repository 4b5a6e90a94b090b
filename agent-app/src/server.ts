import path from 'node:path'
import { privateFolder } from '@muster/base/atomic-file.ts'
import { causeChain } from '@muster/base/errors.ts'
import { Guard } from '@muster/base/guard.ts'
import { createLogger } from '@muster/base/logger.ts'
import { runServer } from '@muster/base/server-process.ts'
import { stateFiles } from '@muster/base/state.ts'
import type { FastifyInstance } from 'fastify'
import { type Logger, multistream } from 'pino'
import { AddressList, listeningPort } from './access/address-list.ts'
import { Sessions } from './access/sessions.ts'
import { Tickets } from './access/tickets.ts'
import { buildApp } from './app.ts'
import { type Config, pageFolder, readConfig, removeSecrets } from './config.ts'
import { Conversations } from './conversation/conversations.ts'
import { HistoryStore } from './conversation/history-store.ts'
import { askExperts } from './experts/ask.ts'
import { Directory } from './experts/directory.ts'
import { EmbeddedExpert } from './experts/embedded-expert.ts'
import { Experts } from './experts/experts.ts'
import { LlamaClient } from './experts/llama-client.ts'
import { ProvisioningClient } from './http/provisioning-client.ts'
import { Snapshots } from './state/snapshots.ts'
import { LogFeed } from './ws/log-feed.ts'

/** About 1,500 tokens: what the embedded expert's context holds besides its answer. */
const HISTORY_CHARACTERS = 6_000

const logFeed = new LogFeed()
const log = createLogger(
  'agent-app',
  multistream([{ stream: process.stdout }, { stream: logFeed.destination }]),
)

function configOrExit(): Config {
  try {
    const config = readConfig(process.env)
    removeSecrets(process.env)
    return config
  } catch (error) {
    log.fatal(causeChain(error))
    process.exit(1)
  }
}

function openExperts(config: Config, log: Logger) {
  const source = { token: config.CONSUL_HTTP_TOKEN, file: config.CONSUL_HTTP_TOKEN_FILE }
  const directory = new Directory(config.CONSUL_HTTP_ADDR, source, log)
  const llama = new LlamaClient({ keyFile: config.MUSTER_EXPERT_KEY_FILE })
  const embedded = new EmbeddedExpert(config.model, log)
  return { directory, llama, embedded, experts: new Experts({ directory, llama, embedded, log }) }
}

async function start(config: Config): Promise<void> {
  const agentFolder = await privateFolder(stateFiles(config.state).agent)
  const { directory, llama, embedded, experts } = openExperts(config, log)
  const conversations = new Conversations({
    store: new HistoryStore(path.join(agentFolder, 'conversations'), log),
    ask: askExperts(experts),
    historyCharacters: HISTORY_CHARACTERS,
  })
  const provisioning = new ProvisioningClient({
    url: config.MUSTER_PROVISIONING_URL,
    key: config.MUSTER_PROVISIONING_KEY,
  })
  const app: FastifyInstance = await buildApp({
    log,
    logFeed,
    guard: new Guard(config.keys),
    sessions: new Sessions(),
    tickets: new Tickets(),
    addresses: new AddressList({
      host: config.MUSTER_AGENT_HOST,
      port: () => listeningPort(app),
      hosts: config.MUSTER_ALLOWED_HOSTS,
      origins: config.MUSTER_ALLOWED_ORIGINS,
    }),
    experts,
    conversations,
    snapshots: new Snapshots(path.join(agentFolder, 'snapshots')),
    directory,
    consulUrl: config.CONSUL_HTTP_ADDR,
    progressFile: stateFiles(config.state).progress,
    provisioning,
    pageFolder,
  })
  app.addHook('onClose', async () => {
    directory.stop()
    conversations.close()
    await Promise.all([llama.close(), provisioning.close(), embedded.close()])
  })
  sayKeys(config)
  const { MUSTER_AGENT_HOST: host, MUSTER_AGENT_PORT: port, state } = config
  const variables = { host: 'MUSTER_AGENT_HOST', port: 'MUSTER_AGENT_PORT' }
  await runServer(app, { name: 'agent-app', host, port, state, variables })
  void directory.start()
  if (config.MUSTER_EMBEDDED === '1') void embedded.load()
}

function sayKeys({ keys, keySource }: Config): void {
  if (keys.length === 0) log.warn(`${keySource} is empty: every key is refused.`)
  else log.info({ keys: keys.map(({ id }) => id) }, `Keys were read from ${keySource}`)
}

await start(configOrExit())
