import { isDeepStrictEqual } from 'node:util'
import { causeChain } from '@muster/base/errors.ts'
import Consul from 'consul'
import type { Logger } from 'pino'
import { z } from 'zod'
import { EXPERT_SERVICE_PREFIX } from '../../contract/expert.ts'
import { byId, type ClusterExpert, HealthEntry, toClusterExpert } from './cluster-expert.ts'
import { readToken, type TokenSource } from './consul-token.ts'

/** `starting` until Consul answered once; `away` keeps the last known set. */
export type ConsulState = 'starting' | 'ok' | 'away'

const RETRY_MS = 1_000
type Watch = ReturnType<Consul['watch']>

/**
 * The experts that Consul knows, kept fresh by blocking queries.
 * Without a token Consul answers with an empty list, not with 403, so nothing is asked before the
 * token's file exists.
 */
export class Directory {
  readonly #address: URL
  readonly #source: TokenSource
  readonly #log: Logger
  readonly #watches = new Map<string, Watch>()
  readonly #services = new Map<string, ClusterExpert[]>()
  readonly #listeners = new Set<() => void>()
  #experts: ClusterExpert[] = []
  #state: ConsulState = 'starting'
  #token: string | undefined
  #retry: NodeJS.Timeout | undefined
  #stopped = false

  constructor(address: string, source: TokenSource, log: Logger) {
    this.#address = new URL(address)
    this.#source = source
    this.#log = log
  }

  get experts(): readonly ClusterExpert[] {
    return this.#experts
  }

  get state(): ConsulState {
    return this.#state
  }

  /** Calls back after each change of the experts or of the state; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A client with the token that counts now. */
  client(): Consul {
    return new Consul({
      host: this.#address.hostname,
      port: Number(this.#address.port || (this.#address.protocol === 'https:' ? 443 : 80)),
      secure: this.#address.protocol === 'https:',
      defaults: this.#token ? { token: this.#token } : {},
    })
  }

  async start(): Promise<void> {
    const read = await readToken(this.#source)
    if (this.#stopped) return
    if (read === 'wait') {
      this.#again()
      return
    }
    this.#token = read.token
    this.#watchServices()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retry)
    this.#endWatches()
    this.#listeners.clear()
  }

  #watchServices(): void {
    const consul = this.client()
    const watch = this.#watch(consul, 'services', consul.catalog.service.list, {})
    watch.on('change', (data) => {
      const names = Object.keys(z.record(z.string(), z.unknown()).parse(data))
      this.#follow(
        consul,
        names.filter((name) => name.startsWith(EXPERT_SERVICE_PREFIX)),
      )
      this.#setState('ok')
    })
  }

  #follow(consul: Consul, names: readonly string[]): void {
    for (const [key, watch] of this.#watches) {
      if (key === 'services' || names.includes(key)) continue
      watch.end()
      this.#watches.delete(key)
      this.#services.delete(key)
    }
    for (const name of names) if (!this.#watches.has(name)) this.#watchHealth(consul, name)
    for (const key of this.#services.keys()) if (!names.includes(key)) this.#services.delete(key)
    this.#announce()
  }

  #watchHealth(consul: Consul, service: string): void {
    const watch = this.#watch(consul, service, consul.health.service, { service })
    watch.on('change', (data) => {
      const entries = z.array(HealthEntry).safeParse(data)
      if (!entries.success) return
      this.#services.set(service, entries.data.map(toClusterExpert))
      this.#announce()
    })
  }

  #watch(
    consul: Consul,
    key: string,
    method: (...args: never[]) => unknown,
    options: Record<string, string>,
  ): Watch {
    const watch = consul.watch({ method, options, backoffFactor: 100, backoffMax: RETRY_MS })
    this.#watches.set(key, watch)
    watch.on('error', (error) => this.#failed(error))
    return watch
  }

  /** Starts over with the token read again: it may have been replaced while Consul was away. */
  #failed(error: unknown): void {
    if (this.#stopped) return
    if (this.#state !== 'away')
      this.#log.warn(`Consul is away, the last known experts stay: ${causeChain(error)}`)
    this.#setState('away')
    this.#endWatches()
    this.#again()
  }

  #again(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.start(), RETRY_MS)
    this.#retry.unref()
  }

  #endWatches(): void {
    for (const watch of this.#watches.values()) watch.end()
    this.#watches.clear()
  }

  #setState(state: ConsulState): void {
    if (state === this.#state) return
    if (state === 'ok') this.#log.info('Consul answers')
    this.#state = state
    this.#notify()
  }

  #announce(): void {
    const experts = byId([...this.#services.values()].flat())
    if (isDeepStrictEqual(experts, this.#experts)) return
    this.#experts = experts
    this.#log.info({ experts: experts.map(({ id }) => id) }, 'The experts of the cluster changed')
    this.#notify()
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
