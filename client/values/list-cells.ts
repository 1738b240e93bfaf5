import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

/** The cells of one line; null when it is no line of a CSV. */
export function cellsOf(line: string, separator: string): readonly string[] | null {
  try {
    const [cells = []]: string[][] = parse(line, {
      delimiter: separator,
      relax_quotes: true,
      trim: separator !== '\t',
    });
    return cells;
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}
