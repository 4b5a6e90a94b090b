import { z } from 'zod'

/** One route as documented: its path in fastify's form, what it needs, and what it answers. */
export type Operation = {
  method: 'GET' | 'POST'
  /** `/api/jobs/:id` */
  path: string
  summary: string
  /** A scope, `any` (any key), or `open`. */
  access: string
  body?: z.ZodType
  query?: z.ZodObject
  /** Answers by status: a schema for JSON, a sentence for anything else. */
  answers: Record<number, z.ZodType | string>
}

const Detail = z.object({ detail: z.unknown() })

/** What any route with a key may answer besides. */
const REFUSALS: Operation['answers'] = { 401: Detail, 403: Detail, 429: Detail }

/** The OpenAPI 3.1 document of a server, made from the schemas that its routes parse with. */
export function openApiDocument(title: string, operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}')
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation, path) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '0.1.0' },
    paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  }
}

function describe(operation: Operation, path: string): object {
  const { summary, access, body, query, answers } = operation
  const closed = access !== 'open'
  const parameters = [...pathParameters(path), ...queryParameters(query)]
  return {
    summary: closed ? `${summary} Needs scope: ${access}.` : summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: json(body) } } : {}),
    responses: responses(closed ? { ...answers, ...REFUSALS } : answers),
    ...(closed ? { security: [{ key: [] }] } : {}),
  }
}

const pathParameters = (path: string): object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

const queryParameters = (query: z.ZodObject | undefined): object[] =>
  Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: jsonSchema(schema as z.ZodType),
  }))

const responses = (answers: Operation['answers']): object =>
  Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      typeof answer === 'string'
        ? { description: answer }
        : { description: 'JSON', content: json(answer) },
    ]),
  )

const json = (schema: z.ZodType): object => ({ 'application/json': { schema: jsonSchema(schema) } })

const jsonSchema = (schema: z.ZodType): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/** The same as a page for people: plain HTML without scripts or styles, so that any CSP allows it. */
export function docsPage(title: string, operations: readonly Operation[]): string {
  const rows = operations.map(
    ({ method, path, summary, access, answers }) =>
      `<tr><td><code>${method} ${plain(path)}</code></td><td>${plain(access)}</td><td>${plain(summary)}</td><td>${Object.keys(answers).join(', ')}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${plain(title)}</title></head>
<body><h1>${plain(title)}</h1>
<p>The schemas are in <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1). Send <code>Authorization: Bearer &lt;key&gt;</code>.</p>
<table><thead><tr><th>Route</th><th>Scope</th><th>What it does</th><th>Answers</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></body></html>
`
}

const plain = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
