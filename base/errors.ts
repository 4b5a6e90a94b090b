/**
 * Every error a Muster server can answer with: one row each.
 * `status` is the HTTP status; `message` names what happened and the next step.
 * From 500 up nothing of the cause is shown to the caller; the log has it.
 */
export const errorTable = {
  // keys and limits
  'key-missing': { status: 401, message: 'Missing API Key' },
  'key-malformed': {
    status: 401,
    message: "Invalid authorization header format. Expected 'Bearer <key>'",
  },
  'key-unknown': { status: 401, message: 'Invalid API Key' },
  'scope-missing': {
    status: 403,
    message: 'This key may not do that. Use a key with the scope named in "scope".',
  },
  'origin-refused': {
    status: 403,
    message: 'This Origin is not allowed. Open Mission Control by its own address.',
  },
  'host-refused': {
    status: 403,
    message: 'This Host is not allowed. Add it to MUSTER_ALLOWED_HOSTS.',
  },
  'too-many-attempts': {
    status: 429,
    message: 'Too many attempts. Wait for the seconds in Retry-After.',
  },
  // what every route can meet
  'not-found': { status: 404, message: 'Not Found' },
  'method-not-allowed': { status: 405, message: 'Method Not Allowed' },
  'body-unreadable': { status: 400, message: 'The body is not a JSON object.' },
  'body-invalid': { status: 422, message: 'The body does not fit.' },
  'body-too-large': { status: 413, message: 'The body is too large.' },
  'range-beyond': {
    status: 416,
    message: 'The file is shorter than the range that was asked for.',
  },
  internal: {
    status: 500,
    message: 'Something broke inside Muster. The log says what; try again.',
  },
  // provisioning
  'machine-fields-missing': { status: 400, message: 'ip_address and hostname are required' },
  'machine-unknown': { status: 404, message: 'No such machine. GET /api/machines lists them.' },
  'job-unknown': { status: 404, message: 'No such job. GET /api/jobs lists them.' },
  'job-unknown-host': { status: 404, message: 'Job not found for this hostname.' },
  'inventory-locked': {
    status: 503,
    message: 'The inventory is locked by another writer. Try again in a few seconds.',
  },
  'inventory-unreadable': {
    status: 500,
    message:
      'The inventory file could not be read as YAML. Repair or move it away, then call again.',
  },
  'disk-full': {
    status: 507,
    message: 'The disk is full; nothing was changed. Free some space, then call again.',
  },
  'store-failed': {
    status: 500,
    message: 'A record could not be written; nothing was accepted. The log says why.',
  },
  // network boot
  'grant-refused': {
    status: 403,
    message: 'This grant is not valid here ("why" says it). Boot the machine again for another.',
  },
  'machine-not-now': {
    status: 409,
    message:
      'That is not possible in the state of this machine. "actions" in GET /api/machines says what is.',
  },
  'name-taken': { status: 409, message: 'Another machine has this name. Choose another one.' },
  'name-fixed': {
    status: 409,
    message: 'This machine called home by its name and keeps it. Leave "name" out.',
  },
  'no-network-boot': {
    status: 409,
    message:
      'This machine was never seen at a network boot. Let it boot from the network, then accept what is discovered.',
  },
  'erase-missing': {
    status: 409,
    message: 'Installing again loses what is on its disk. Ask again with "erase": true.',
  },
  'processor-unfit': {
    status: 409,
    message: 'The processor of this machine cannot run 64-bit Debian 13.',
  },
  'boot-not-built': {
    status: 409,
    message: 'Nothing is built to install machines this way. Run: npm run muster -- boot build',
  },
  'boot-binary-unfit': {
    status: 409,
    message:
      'There is no such first program for the firmware of this machine. Try the other firmware mode in its setup, or a USB stick with iPXE.',
  },
  'secret-refused': {
    status: 401,
    message:
      'The one-time secret of this machine is wrong or was used. Accept the machine again to install it, or call home with a key.',
  },
  'secret-missing': {
    status: 401,
    message:
      'This name belongs to a machine of network boot. Call home with its one-time secret, or with a key.',
  },
  'machine-retired': {
    status: 403,
    message: 'This machine is retired. Accept it again, or call home with a key.',
  },
  'ssh-key-missing': {
    status: 503,
    message:
      'The appliance has no SSH key yet, so the machine could not be reached. Run: npm run up',
  },
  // agent
  'no-expert': {
    status: 503,
    message: 'No expert is available. Check the experts panel, or wait for one to start.',
  },
  'expert-unknown': { status: 404, message: 'No such model. GET /v1/models lists them.' },
  'expert-lost': {
    status: 502,
    message: 'The expert died before the answer was complete. Ask again.',
  },
  'expert-refused': { status: 502, message: 'The expert refused the request.' },
  'context-too-long': {
    status: 400,
    message: 'The conversation does not fit the context of the expert. Shorten it.',
  },
  'upstream-away': { status: 502, message: 'The provisioning API does not answer. Is it running?' },
  'ticket-refused': {
    status: 401,
    message: 'The ticket is unknown, used or expired. POST /api/session for a new one.',
  },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof errorTable

/** An expected failure with a row in the table. `details` go to the log and, below 500, into the answer. */
export class MusterError extends Error {
  override name = 'MusterError'
  readonly code: ErrorCode
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(errorTable[code].message, options)
    this.code = code
    this.details = details
  }

  get status(): number {
    return errorTable[this.code].status
  }
}

/** `A record could not be written: EACCES ...`: one log line, each message said once. */
export function causeChain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause ? `${error.message}: ${causeChain(error.cause)}` : error.message
}
