import { MusterError } from '@muster/base/errors.ts'
import { type Document, isMap, isScalar, parseDocument, Scalar, YAMLMap } from 'yaml'

const HOSTS = ['all', 'children', 'worker_nodes', 'hosts']
/** Ansible reads YAML 1.1, where these plain words are booleans or null. */
const YAML_1_1_WORDS = /^(y|n|yes|no|on|off|true|false|null)$/

/**
 * The inventory's text with one host's address set; everything else stays as it was written.
 * @throws MusterError `inventory-unreadable` when the text is no inventory
 */
export function withHost(text: string, name: string, address: string): string {
  const document = parse(text)
  const hosts = hostsOf(document)
  const host = hosts.get(name)
  if (isMap(host)) {
    if (host.get('ansible_host') === address) return text
    setAddress(host, address)
  } else if (host === undefined || host === null || (isScalar(host) && host.value === null)) {
    const added = new YAMLMap()
    added.set('ansible_host', scalar(address))
    if (hosts.items.length === 0) hosts.flow = false
    hosts.delete(name)
    hosts.set(scalar(name), added)
  } else throw unreadable(`${[...HOSTS, name].join('.')} is not a map`)
  return document.toString({ lineWidth: 0 })
}

/** A comment beside the old address stays. */
function setAddress(host: YAMLMap, address: string): void {
  const written = host.get('ansible_host', true)
  const next = scalar(address)
  if (isScalar(written)) {
    next.comment = written.comment
    next.commentBefore = written.commentBefore
  }
  host.set('ansible_host', next)
}

function parse(text: string): Document {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) throw unreadable(error.message)
  return document
}

/** Walks down to the hosts of worker_nodes; an absent or empty step becomes a map. */
function hostsOf(document: Document): YAMLMap {
  if (isEmpty(document.contents)) document.contents = new YAMLMap() as Document['contents']
  let map: unknown = document.contents
  for (const key of HOSTS) {
    if (!isMap(map)) throw unreadable(`the parent of "${key}" is not a map`)
    if (isEmpty(map.get(key, true))) map.set(key, new YAMLMap())
    map = map.get(key)
  }
  if (!isMap(map)) throw unreadable(`${HOSTS.join('.')} is not a map`)
  return map
}

const isEmpty = (node: unknown): boolean =>
  node === undefined || node === null || (isScalar(node) && node.value === null)

/** Quoted where Ansible's YAML 1.1 would read something else: a boolean, a base-60 number. */
function scalar(text: string): Scalar<string> {
  const node = new Scalar(text)
  if (YAML_1_1_WORDS.test(text) || text.includes(':')) node.type = Scalar.QUOTE_DOUBLE
  return node
}

const unreadable = (why: string) =>
  new MusterError('inventory-unreadable', {}, { cause: new Error(why) })
