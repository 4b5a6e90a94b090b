import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'

/** Paths whose values never reach a sink, decided once. */
const SECRET_PATHS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'headers.authorization',
  'headers.cookie',
  '*.token',
  '*.password',
  '*.secret',
  '*.apiKey',
  'token',
  'password',
  'secret',
  'apiKey',
]

/** A grant in the path of a boot URL: the installer's wget can send it no other way. */
const GRANT = /^(\/boot\/[a-z]+\/)[0-9a-f]{32}(?![0-9a-z])/i

/** A URL without its query and its grant: tickets travel there. */
const withoutSecrets = (url: string): string =>
  (url.split('?')[0] ?? url).replace(GRANT, '$1[redacted]')

export const loggerOptions = (
  name: string,
  level = process.env.MUSTER_LOG_LEVEL ?? 'info',
): LoggerOptions => ({
  name,
  level,
  redact: { paths: SECRET_PATHS, censor: '[redacted]' },
  serializers: {
    req: (request: { method: string; url: string; ip?: string }) => ({
      method: request.method,
      url: withoutSecrets(request.url),
      ip: request.ip,
    }),
  },
})

/** The logger of one process: JSON lines on stdout, secrets redacted. */
export const createLogger = (name: string, destination?: DestinationStream): Logger =>
  destination ? pino(loggerOptions(name), destination) : pino(loggerOptions(name))
