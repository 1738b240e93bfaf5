import { csvRow } from '../../destinations/csv-row.ts';
import type { ValueRow } from './value-rows.ts';

const COLUMNS = [
  'line',
  'value',
  'written',
  'type',
  'host',
  'outcome',
  'score',
  'classification',
  'rules',
  'checked',
  'note',
] as const satisfies readonly (keyof ValueRow)[];

/** Rows as a CSV for programs, by RFC 4180, as the destination `file` writes it: cells are as they are, whatever a spreadsheet takes them for. */
export function valuesCsv(rows: readonly ValueRow[]): string {
  const lines = rows.map((row) => csvRow(COLUMNS.map((name) => cellOf(row, name))));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}

function cellOf(row: ValueRow, name: (typeof COLUMNS)[number]): string {
  // Several in one cell; a semicolon in one of them would make two of it.
  if (name === 'rules') return row.rules.map((rule) => rule.name.replaceAll(';', ',')).join(';');
  return String(row[name] ?? '');
}
