/** Options of a test that makes namespaces and machines. */
export const withoutRoot = {
  skip:
    process.getuid?.() === 0
      ? false
      : 'needs root: it makes a network namespace and a test machine',
} as const
