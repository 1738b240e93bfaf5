import type { Spread } from './statistics.ts';

/** A table: the first column is of names, the others are right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function list(points: readonly string[]): string {
  return points.map((point) => `- ${point}`).join('\n');
}

/** With thousands separated, and at most so many digits behind the point. */
export function n(value: number, digits = 0): string {
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/** The median, with the least and the most behind it: `12.1 (11.9 to 12.8)`. */
export function spread({ min, median, max, runs }: Spread, digits = 0): string {
  return runs === 1 ? n(median, digits) : `${n(median, digits)} (${n(min, digits)} to ${n(max, digits)})`;
}
