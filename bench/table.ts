import type { Figure } from './figure.ts'

/** The figures as lines for a terminal. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, goal, holds }) => [
    name,
    `${value.toFixed(2)} ${unit}`,
    goal ?? '',
    holds === null ? '' : holds ? 'holds' : 'MISSED',
  ])
  const all = [['figure', 'value', 'goal', ''], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map(([name = '', value = '', goal = '', holds = '']) =>
      `${name.padEnd(widths[0]!)}  ${value.padStart(widths[1]!)}  ${goal.padEnd(widths[2]!)}  ${holds}`.trimEnd(),
    )
    .join('\n')
}
