import type { MusterError } from '@muster/base/errors.ts'

/**
 * What travels through a pipeline.
 * System frames overtake and survive interruptions; data and control frames stay in order and an
 * interruption drops them, except those with `keep`.
 */
type Base<Kind extends string, Type extends string> = {
  readonly kind: Kind
  readonly type: Type
  readonly id: number
  /** Survives an interruption, queued or current. */
  readonly keep?: boolean
}

export type StartFrame = Base<'system', 'start'>
export type CancelFrame = Base<'system', 'cancel'>
export type InterruptionFrame = Base<'system', 'interruption'>
export type ErrorFrame = Base<'system', 'error'> & { readonly error: MusterError }
export type SystemFrame = StartFrame | CancelFrame | InterruptionFrame | ErrorFrame

/** What a person said. `expert` = who should answer, absent = the router's choice. */
export type UserTextFrame = Base<'data', 'user-text'> & {
  readonly text: string
  readonly expert?: string | undefined
}
/** A user turn that is in the history and on disk. `turn` is its id there. */
export type UserTurnFrame = Base<'data', 'user-turn'> & {
  readonly turn: string
  readonly text: string
}
/** Asks for the answer to a turn. */
export type RunTurnFrame = Base<'data', 'run-turn'> & {
  readonly turn: string
  readonly expert?: string | undefined
}
/** A piece of the answer. */
export type AnswerTextFrame = Base<'data', 'answer-text'> & { readonly text: string }
export type DataFrame = UserTextFrame | UserTurnFrame | RunTurnFrame | AnswerTextFrame

export type AnswerStartFrame = Base<'control', 'answer-start'> & {
  readonly expert: string
  readonly reason: string
}
/** How an answer ended: whole, stopped by a person, or lost with its expert. */
export type Outcome = 'complete' | 'interrupted' | 'lost'
/** The end of a turn, with all of its text; `expert` is null when none began to answer. */
export type AnswerEndFrame = Base<'control', 'answer-end'> & {
  readonly turn: string
  readonly text: string
  readonly expert: string | null
  readonly outcome: Outcome
  /** Why it was lost; told as an error once the end is recorded. */
  readonly error?: MusterError
}
/** Travels to the end and calls `arrived` there: all that was queued before it has been handled. */
export type ProbeFrame = Base<'control', 'probe'> & { readonly arrived: () => void }
export type ControlFrame = AnswerStartFrame | AnswerEndFrame | ProbeFrame

export type Frame = SystemFrame | DataFrame | ControlFrame
export type FrameType = Frame['type']

const kinds = {
  start: 'system',
  cancel: 'system',
  interruption: 'system',
  error: 'system',
  'user-text': 'data',
  'user-turn': 'data',
  'run-turn': 'data',
  'answer-text': 'data',
  'answer-start': 'control',
  'answer-end': 'control',
  probe: 'control',
} as const satisfies { [Type in FrameType]: Extract<Frame, { type: Type }>['kind'] }

type Fields<Type extends FrameType> = Omit<Extract<Frame, { type: Type }>, 'kind' | 'type' | 'id'>

let lastId = 0

/** Makes a frame with the next id. */
export function frame<Type extends FrameType>(
  type: Type,
  ...[fields]: Record<never, never> extends Fields<Type> ? [Fields<Type>?] : [Fields<Type>]
): Extract<Frame, { type: Type }> {
  lastId += 1
  return { ...fields, kind: kinds[type], type, id: lastId } as unknown as Extract<
    Frame,
    { type: Type }
  >
}
