const MIN_LENGTH = 20

/** Every string of 20 characters or more anywhere in the variables, line by line (keys and certificates have many). */
export function longStringsIn(value: unknown): string[] {
  if (typeof value === 'string')
    return value
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line.length >= MIN_LENGTH)
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(longStringsIn)
}

/** Hides the secrets in a line, also in the spelling they have inside a JSON string. */
export function redactor(secrets: readonly string[]): (line: string) => string {
  const spellings = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length)
  return (line) =>
    longestFirst.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line)
}
