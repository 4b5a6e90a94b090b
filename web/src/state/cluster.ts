import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { api } from '../api.ts'
import { resource } from './resource.ts'

const every = (milliseconds: number) => () => milliseconds

/** Asked until the cluster's expert is routable. */
export const progress = resource(api.progress, (value) => (value?.cluster ? null : 1000))
export const machines = resource(api.machines, every(2000))
export const enrolment = resource(api.enrolment, every(5000))
export const acceptWindow = resource(api.acceptWindow, every(5000))
export const experts = resource(api.experts, every(2000))
export const agentStatus = resource(api.status, every(3000))
export const webLinks = resource(api.webLinks, every(15_000))

/** What stays the same when a machine is given another name. */
export const idOf = ({ boot, name }: Machine): string => boot?.id ?? name

const ALL = [progress, machines, enrolment, acceptWindow, experts, agentStatus, webLinks]

export const startWatching = (): void => {
  for (const one of ALL) one.start()
}
export const stopWatching = (): void => {
  for (const one of ALL) one.stop()
}
