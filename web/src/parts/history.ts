import { useRef } from 'preact/hooks'

/** What ArrowUp and ArrowDown put into the field. */
export function useHistory() {
  /** How far back: 0 = what is being typed. */
  const back = useRef(0)
  const typed = useRef('')
  return {
    reset: () => {
      back.current = 0
    },
    /** The text to show, or null when the key does not recall anything. */
    recall: (key: string, text: string, sent: readonly string[]): string | null => {
      if (text.includes('\n') && back.current === 0) return null
      const next = back.current + (STEPS[key] ?? 0)
      if (next === back.current || next < 0 || next > sent.length) return null
      if (back.current === 0) typed.current = text
      back.current = next
      return next === 0 ? typed.current : (sent.at(-next) ?? '')
    },
  }
}

const STEPS: Record<string, number> = { ArrowUp: 1, ArrowDown: -1 }
