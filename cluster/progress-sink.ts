/** Told what a long step is doing; one line each time, for a person. */
export type Say = (detail: string) => void
