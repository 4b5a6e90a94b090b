import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Pixels from the end that still count as the end. */
const NEAR = 24

/** Keeps a scrolling element at its end while content grows, unless a person has scrolled away. */
export function useStickToEnd<T extends HTMLElement>(
  content: unknown,
): { ref: RefObject<T | null>; onScroll: () => void } {
  const ref = useRef<T>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    if (ref.current && atEnd.current) ref.current.scrollTop = ref.current.scrollHeight
  }, [content])
  const onScroll = () => {
    const element = ref.current
    if (element)
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR
  }
  return { ref, onScroll }
}
