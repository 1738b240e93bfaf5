import { wrapped } from '../cli/wrapped.ts';
import type { ValueRow } from './value-rows.ts';

const HEADER = ['line', 'value', 'type', 'score', 'class', 'checked', 'rules, or why there is no score'] as const;
type Cells = readonly string[];
/** The two columns whose texts have any length: the value, and what stands at the end. */
const VALUE = 1;
const LAST = HEADER.length - 1;
const GAP = '  ';
const SHORTEST = 16;
/** Where nothing is wrapped, columns are in line as long as values are no longer than this. */
const LONGEST_IN_LINE = 60;

/** Rows for a person: within so many columns, if they are given; else one line for each. */
export function valuesTable(rows: readonly ValueRow[], width: number | null): string {
  const table = [HEADER, ...rows.map((row) => cellsOf(row, width === null ? ' ' : '\n'))];
  const widths = HEADER.map((_, column) => longestIn(table, column));
  return (
    width === null ? unwrapped(table, widths) : table.flatMap((cells) => inWidth(cells, fitted(widths, width)))
  ).join('\n');
}

function cellsOf(
  { line, value, written, type, score, classification, checked, ...row }: ValueRow,
  between: string,
): Cells {
  const shown = value === null ? [written ?? ''] : [value, ...(written === null ? [] : [`(${written})`])];
  const why = row.note ?? row.rules.map(({ name }) => name).join(', ');
  return [
    String(line),
    shown.map(visible).join(between),
    type ?? '',
    score === null ? '' : String(score),
    visible(classification ?? ''),
    checked?.slice(0, 10) ?? '',
    visible(why),
  ];
}

/** What a list holds must not steer a terminal, nor turn the letters of what follows. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}

function longestIn(table: readonly Cells[], column: number): number {
  return table.reduce((longest, cells) => {
    const lines = (cells[column] ?? '').split('\n');
    return lines.reduce((most, line) => Math.max(most, line.length), longest);
  }, 0);
}

function unwrapped(table: readonly Cells[], widths: readonly number[]): readonly string[] {
  return table.map((cells) =>
    cells
      .map((cell, column) => (column === LAST ? cell : cell.padEnd(Math.min(LONGEST_IN_LINE, widths[column] ?? 0))))
      .join(GAP)
      .trimEnd(),
  );
}

/** The value has what it needs, up to half of what the short columns leave; what stands at the end has the rest. */
function fitted(widths: readonly number[], width: number): readonly number[] {
  const short = widths.reduce((sum, one, column) => sum + (column === VALUE || column === LAST ? 0 : one), 0);
  const left = width - short - GAP.length * (widths.length - 1);
  const value = Math.min(widths[VALUE] ?? 0, Math.max(SHORTEST, Math.ceil(left / 2)));
  const last = Math.max(SHORTEST, left - value);
  return widths.map((one, column) => (column === VALUE ? value : column === LAST ? last : one));
}

function inWidth(cells: Cells, widths: readonly number[]): readonly string[] {
  const columns = cells.map((cell, column) => wrapped(cell, widths[column] ?? 1));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    columns
      .map((lines, column) => (lines[at] ?? '').padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
