import type { ClusterExpert } from './cluster-expert.ts'
import type { ConsulState } from './directory.ts'
import type { FakeLlama } from './fake-llama.ts'

/** A directory whose experts a test sets. */
export class FakeDirectory {
  experts: ClusterExpert[] = []
  state: ConsulState = 'ok'

  add(id: string, { origin }: Pick<FakeLlama, 'origin'>): void {
    const [name = '', node = ''] = id.split('@')
    this.experts.push({ id, name, node, model: 'tiny', healthy: true, origin })
  }
}
