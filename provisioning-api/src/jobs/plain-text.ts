const ESCAPES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?/g
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** A line without terminal escapes, control characters and marks that turn the direction of text. Tabs and line ends stay. */
export const plainText = (text: string): string => text.replace(ESCAPES, '').replace(CONTROLS, '')
