/**
 * Text for an `echo` of an iPXE script. iPXE has no quoting: what would expand (`${`), begin another
 * command (`&&`, `||`, a line end) or a comment (`#`) becomes a space.
 */
export const ipxeText = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9 .,:;()_/'"?+=-]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, 400)

/** One word of a command line: of the script, of the kernel, of a URL. @throws Error for anything else */
export function ipxeWord(text: string): string {
  if (!/^[A-Za-z0-9._:/+=,~?&@-]+$/.test(text) || /&&|\|\|/.test(text))
    throw new Error(`this cannot stand in a boot script: ${JSON.stringify(text)}`)
  return text
}
