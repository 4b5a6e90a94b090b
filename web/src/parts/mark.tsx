export type MarkKind = 'waiting' | 'running' | 'done' | 'skipped' | 'failed'

const GLYPHS: Record<MarkKind, string> = {
  waiting: '·',
  running: '',
  done: '✓',
  skipped: '–',
  failed: '!',
}

/** A small round sign for a state. Decoration: the state's text stands beside it. */
export function Mark({ kind }: { kind: MarkKind }) {
  return (
    <span class={`mark mark-${kind}`} aria-hidden="true">
      {GLYPHS[kind]}
    </span>
  )
}
