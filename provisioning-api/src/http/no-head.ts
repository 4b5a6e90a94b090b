/** For routes that use a grant up or make one: asking for the head of an answer must do neither. */
export const NO_HEAD = { exposeHeadRoute: false } as const
