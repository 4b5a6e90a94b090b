import { readFile } from 'node:fs/promises'
import path from 'node:path'
import nunjucks from 'nunjucks'

const ROLES = path.join(import.meta.dirname, '../ansible/roles')

/**
 * Renders a template of a role, such as `nomad/templates/nomad.json.j2`: we and Ansible share one text.
 * @throws Error for a variable that is missing: the template would print `undefined`
 */
export async function renderRoleTemplate(template: string, variables: object): Promise<string> {
  const environment = new nunjucks.Environment(null, {
    autoescape: false,
    throwOnUndefined: true,
    trimBlocks: true,
  })
  environment.addFilter('to_json', (value: unknown) => JSON.stringify(value))
  return environment.renderString(await readFile(path.join(ROLES, template), 'utf8'), variables)
}
