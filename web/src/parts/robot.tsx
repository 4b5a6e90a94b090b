export type Mood = 'offline' | 'connecting' | 'connected' | 'lost' | 'thinking'

const MOUTHS: Record<Mood, string> = {
  offline: 'M25 46h14',
  connecting: 'M27 46h10',
  connected: 'M24 44q8 7 16 0',
  lost: 'M24 48q8 -7 16 0',
  thinking: 'M29 46h6',
}

/** Decoration: the connection and the turn are told in text elsewhere. */
export function Robot({ mood }: { mood: Mood }) {
  return (
    <svg id="robot-art" class={`robot robot-${mood}`} viewBox="0 0 64 64" aria-hidden="true">
      <path class="robot-line" d="M32 18v-8M6 32v10M58 32v10" />
      <circle class="robot-bulb" cx="32" cy="8" r="5" />
      <rect class="robot-head" x="10" y="18" width="44" height="38" rx="12" />
      <circle class="robot-eye" cx="24" cy="34" r="4.5" />
      <circle class="robot-eye" cx="40" cy="34" r="4.5" />
      <path class="robot-mouth" d={MOUTHS[mood]} />
    </svg>
  )
}
