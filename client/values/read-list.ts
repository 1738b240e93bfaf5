import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { withoutComment } from '../../config/without-comment.ts';
import { canonicalUntyped } from '../../indicators/untyped.ts';
import { cellsOf } from './list-cells.ts';
import { type Columns, columnsOf } from './list-columns.ts';
import { type ListedValue, listedValue } from './listed-value.ts';

export const MOST_VALUES = 100_000;

export type ListReading =
  /** `column`: the name of that which was read; null where each line is a value. */
  | { readonly ok: true; readonly values: readonly ListedValue[]; readonly column: string | null }
  /** The rest of a sentence that begins with the list; nothing of what the list holds but names of columns that we know. */
  | { readonly ok: false; readonly why: string };

const LINE_END = /\r\n|\n|\r/;

/**
 * The values of a list: a CSV whose first line names a column of values (`value`, `indicator`, `host`, …, or the one that is asked for),
 * else one value on each line. Blank lines and comments are none; what cannot be read as a value is one all the same, with its line.
 */
export function readList(text: string, wanted: string | null): ListReading {
  const lines = text.split(LINE_END);
  const begin = lines.findIndex((line) => withoutComment(line) !== '');
  if (begin === -1) return { ok: false, why: 'has no value' };
  const columns = columnsOf(lines[begin] ?? '', wanted);
  if (columns.kind === 'unclear') return { ok: false, why: columns.why };
  const found =
    columns.kind === 'csv'
      ? csvValues(lines.slice(begin).join('\n'), begin, columns)
      : plainValues(lines, columns.name === null ? begin : begin + 1);
  if (typeof found === 'string') return { ok: false, why: found };
  if (found.length === 0) return { ok: false, why: 'has no value below the names of its columns' };
  if (found.length > MOST_VALUES) {
    return { ok: false, why: `has ${n(found.length)} values, and ${n(MOST_VALUES)} are the most at once: divide it` };
  }
  const valueIn = columns.kind === 'csv' ? (cell: string): string => cell : theOneValue;
  const values = found.map((one) => listedValue(one.line, valueIn(one.text)));
  return { ok: true, values, column: columns.name };
}

interface Found {
  readonly line: number;
  readonly text: string;
}

function plainValues(lines: readonly string[], from: number): readonly Found[] {
  return lines.slice(from).flatMap((line, index) => {
    const text = withoutComment(line);
    return text === '' ? [] : [{ line: from + index + 1, text }];
  });
}

const BETWEEN_CELLS = [',', ';', '\t', '|'] as const;

/** The whole line; or the one cell of it that can be read, where it is a line of a CSV that does not name its columns. */
function theOneValue(line: string): string {
  if (canonicalUntyped(line).ok) return line;
  for (const separator of BETWEEN_CELLS) {
    if (!line.includes(separator)) continue;
    const readable = (cellsOf(line, separator) ?? []).filter((cell) => canonicalUntyped(cell).ok);
    const [only] = readable;
    if (readable.length === 1 && only !== undefined) return only;
  }
  return line;
}

const records = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

/** A sentence's rest when it is no CSV. */
function csvValues(
  text: string,
  above: number,
  { separator, column }: Extract<Columns, { readonly kind: 'csv' }>,
): readonly Found[] | string {
  try {
    const parsed: unknown = parse(text, {
      delimiter: separator,
      record_delimiter: '\n',
      info: true,
      comment: '#',
      comment_no_infix: true,
      relax_column_count: true,
      // A quotation mark inside of a cell is a character like another.
      relax_quotes: true,
      skip_empty_lines: true,
      // A tab is white space, too.
      trim: separator !== '\t',
    });
    const [, ...rows] = records.parse(parsed);
    return rows.flatMap(({ record, info }) => {
      if (record.every((cell) => cell.trim() === '')) return [];
      const inside = record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
      return [{ line: above + info.lines - inside, text: (record[column] ?? '').trim() }];
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'has a quotation mark that is opened and never closed';
    return 'cannot be read as a CSV';
  }
}

function n(count: number): string {
  return count.toLocaleString('en');
}
