/** One measured number. `goal` is such as `<= 10`; null = measured only, and then `holds` is null too. */
export type Figure = {
  name: string
  value: number
  unit: string
  goal: string | null
  holds: boolean | null
}

/** What a benchmark measured, not yet judged. */
export type Measured = Pick<Figure, 'name' | 'value' | 'unit'> & { goal?: string }

/** Does the work and says how it goes; lines are for a person. */
export type Benchmark = (say: (line: string) => void) => Promise<Measured[]>

const COMPARE: Record<string, (value: number, goal: number) => boolean> = {
  '<=': (value, goal) => value <= goal,
  '>=': (value, goal) => value >= goal,
  '<': (value, goal) => value < goal,
  '>': (value, goal) => value > goal,
}

/** Holds a number against its goal. @throws Error where the goal cannot be read */
export function judge({ name, value, unit, goal }: Measured): Figure {
  if (goal === undefined) return { name, value, unit, goal: null, holds: null }
  const [, sign = '', number = ''] = /^(<=|>=|<|>) (\d+(?:\.\d+)?)$/.exec(goal) ?? []
  const compare = COMPARE[sign]
  if (!compare) throw new Error(`the goal '${goal}' of ${name} is not such as '<= 10'`)
  // A value that could not be measured never holds.
  return {
    name,
    value,
    unit,
    goal,
    holds: Number.isFinite(value) && compare(value, Number(number)),
  }
}

/** The middle value; the mean of the two in the middle of an even number. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}
