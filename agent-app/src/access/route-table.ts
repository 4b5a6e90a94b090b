import type { Scope } from '@muster/base/api-keys.ts'

/** `open` = nobody is asked; `any` = any known key. */
export type Access = Scope | 'open' | 'any'
export type RouteRow = { method: 'GET' | 'POST'; url: string; access: Access; socket?: true }

/** Every route and socket with what it needs. A route that is not here cannot be registered. */
export const routeTable: readonly RouteRow[] = [
  { method: 'GET', url: '/', access: 'open' },
  { method: 'GET', url: '/static/*', access: 'open' },
  { method: 'GET', url: '/health', access: 'open' },
  { method: 'POST', url: '/api/login', access: 'open' },
  { method: 'POST', url: '/api/logout', access: 'open' },
  { method: 'GET', url: '/api/me', access: 'any' },
  { method: 'POST', url: '/api/session', access: 'read' },
  { method: 'GET', url: '/ws', access: 'chat', socket: true },
  { method: 'GET', url: '/rtvi', access: 'chat', socket: true },
  { method: 'GET', url: '/v1/models', access: 'chat' },
  { method: 'POST', url: '/v1/chat/completions', access: 'chat' },
  { method: 'GET', url: '/api/experts', access: 'read' },
  { method: 'GET', url: '/api/cluster', access: 'read' },
  { method: 'GET', url: '/api/machines', access: 'read' },
  { method: 'GET', url: '/api/machines/:name/boot-log', access: 'read' },
  { method: 'POST', url: '/api/machines/:name/provision', access: 'operate' },
  { method: 'POST', url: '/api/machines/:name/accept', access: 'operate' },
  { method: 'POST', url: '/api/machines/:name/reinstall', access: 'operate' },
  { method: 'POST', url: '/api/machines/:name/retire', access: 'operate' },
  { method: 'POST', url: '/api/machines/:name/boot-binary', access: 'operate' },
  { method: 'GET', url: '/api/jobs/:id', access: 'read' },
  { method: 'GET', url: '/api/jobs/:id/log', access: 'read' },
  { method: 'GET', url: '/api/enrolment', access: 'read' },
  { method: 'GET', url: '/api/accept-window', access: 'read' },
  { method: 'POST', url: '/api/accept-window', access: 'operate' },
  { method: 'GET', url: '/api/status', access: 'read' },
  { method: 'GET', url: '/api/web_uis', access: 'read' },
  { method: 'POST', url: '/api/state/save', access: 'operate' },
  { method: 'POST', url: '/api/state/load', access: 'operate' },
  { method: 'GET', url: '/openapi.json', access: 'read' },
  { method: 'GET', url: '/docs', access: 'read' },
]

export const rowOf = (method: string, url: string): RouteRow | undefined =>
  routeTable.find((row) => row.method === method && row.url === url)
