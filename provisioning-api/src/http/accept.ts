import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AcceptRequest, BootBinaryRequest } from '../../contract/boot.ts'
import { chosenBinary } from '../boot/boot-binary.ts'
import { atomically, type BootParts } from '../boot/boot-parts.ts'
import { builtParts, readBuilt } from '../boot/built.ts'
import type { MachineList } from '../boot/machine-list.ts'
import {
  acceptMachine,
  networkMachine,
  recordByHand,
  reinstallMachine,
  retireMachine,
} from '../boot/operator.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import type { Access } from './access.ts'
import { readBody } from './read-input.ts'

type Parts = {
  access: Access
  boot: BootParts
  list: MachineList
  manifest: string
  /** Tells dnsmasq. */
  onBootBinary: (machine: BootMachine) => Promise<void>
}
type ByName = { Params: { name: string } }

/** What a person decides about a machine. Each answers the machine as it is then. */
export function acceptRoutes(app: FastifyInstance, parts: Parts): void {
  const { access, boot, list } = parts
  const onRequest = access.needs('operate')

  const asked = async (request: FastifyRequest) => ({
    ...readBody(AcceptRequest, request.body ?? {}),
    by: access.callerId(request),
    built: builtParts(await readBuilt(parts.manifest)),
  })
  const answer = (request: FastifyRequest, machine: BootMachine, event: string) => {
    const { name, mode, disk, erase } = machine
    request.log.info({ machine: name, by: access.callerId(request), mode, disk, erase }, event)
    return list.one(name)
  }

  app.post<ByName>('/api/machines/:name/accept', { onRequest }, async (request) => {
    const terms = await asked(request)
    const machine = networkMachine(list.find(request.params.name).boot)
    const accepted = acceptMachine(boot, machine, terms)
    // Confirming what it shows may have given it other cards.
    if (machine.conflict && accepted.boot_binary) await parts.onBootBinary(accepted)
    return answer(request, accepted, 'accepted')
  })

  app.post<ByName>('/api/machines/:name/reinstall', { onRequest }, async (request) => {
    const terms = await asked(request)
    const machine = networkMachine(list.find(request.params.name).boot)
    return answer(request, reinstallMachine(boot, machine, terms), 'reinstall asked')
  })

  app.post<ByName>('/api/machines/:name/retire', { onRequest }, async (request) => {
    const { name, boot: known } = list.find(request.params.name)
    const machine = atomically(boot, () =>
      retireMachine(boot, known ?? recordByHand(boot, name), access.callerId(request)),
    )
    return answer(request, machine, 'retired')
  })

  app.post<ByName>('/api/machines/:name/boot-binary', { onRequest }, async (request) => {
    const { binary } = readBody(BootBinaryRequest, request.body)
    const machine = networkMachine(list.find(request.params.name).boot)
    const { platform, boot_binary: current } = machine
    const change = { boot_binary: chosenBinary(binary, { platform, current }) }
    const changed = boot.bootMachines.update(machine.id, change)
    await parts.onBootBinary(changed)
    return answer(request, changed, 'boot binary chosen')
  })
}
