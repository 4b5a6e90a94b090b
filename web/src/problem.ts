/** What does not fit in a form, and the field where it is mended. */
export type Problem = { text: string; field: string | null }

/** Attributes of a field that a problem may be about; `id` is that of the problem's text. */
export const concerns = (problem: Problem | null, field: string, id: string) =>
  problem?.field === field ? { 'aria-invalid': true, 'aria-describedby': id } : {}
