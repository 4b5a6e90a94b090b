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

/** A URL without its query: tickets travel there. */
const withoutQuery = (url: string): string => url.split('?')[0] ?? url

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
      url: withoutQuery(request.url),
      ip: request.ip,
    }),
  },
})

/** The logger of one process: JSON lines on stdout, secrets redacted. */
export const createLogger = (name: string, destination?: DestinationStream): Logger =>
  destination ? pino(loggerOptions(name), destination) : pino(loggerOptions(name))
