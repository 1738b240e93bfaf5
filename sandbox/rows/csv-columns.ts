import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

/** Which columns are read besides `type` and `value`. */
export interface ColumnsOfFile {
  readonly others: readonly string[];
  /** A first line that has all of them. */
  readonly example: string;
}

/** What the first line of a file says. */
export interface CsvColumns {
  readonly separator: string;
  /** In lower case, with `_` between words; in the order of the file. */
  readonly names: readonly string[];
}

export type CsvHeader =
  | ({ readonly ok: true } & CsvColumns)
  /** The rest of a sentence that begins with the line. */
  | { readonly ok: false; readonly why: string };

const SEPARATORS = [',', ';', '\t', '|'] as const;
const NEEDED = ['type', 'value'] as const;

/** The separator is the one that makes the columns of it. */
export function readHeader(line: string, { others, example }: ColumnsOfFile): CsvHeader {
  const readings = SEPARATORS.map((separator) => ({ separator, names: cellsOf(line, separator) }));
  const fitting = readings.find(({ names }) => NEEDED.every((name) => names.includes(name)));
  if (fitting !== undefined) {
    const twice = [...NEEDED, ...others].find(
      (name) => fitting.names.indexOf(name) !== fitting.names.lastIndexOf(name),
    );
    if (twice === undefined) return { ok: true, ...fitting };
    return { ok: false, why: `names the column "${twice}" twice` };
  }
  const names = readings.map((reading) => reading.names).reduce((a, b) => (b.length > a.length ? b : a));
  const missing = NEEDED.filter((name) => !names.includes(name));
  const found = names.map((name) => `"${excerpt(name)}"`).slice(0, 8);
  return {
    ok: false,
    why: `has ${found.join(', ')}${names.length > found.length ? ', …' : ''}, and "${missing.join('" and "')}" ${missing.length > 1 ? 'are' : 'is'} missing; the first line has to name the columns, as in ${example}`,
  };
}

function cellsOf(line: string, separator: string): readonly string[] {
  try {
    const [cells = []]: string[][] = parse(line, {
      delimiter: separator,
      relax_quotes: true,
      trim: separator !== '\t',
    });
    return cells.map((cell) =>
      cell
        .trim()
        .toLowerCase()
        .replaceAll(/[\s-]+/g, '_'),
    );
  } catch (error) {
    if (error instanceof CsvError) return [line];
    throw error;
  }
}

function excerpt(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
