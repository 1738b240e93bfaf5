import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { WrongInput } from '../wrong-input.ts';
import { type ColumnsOfFile, type CsvColumns, readHeader } from './csv-columns.ts';
import { readFeedText } from './feed-text.ts';
import { observableType } from './observable.ts';

/** One line of a file of observables. */
export interface CsvLine {
  /** Counted from 1. */
  readonly number: number;
  /** Empty when the file has no such column, or the line no such cell. */
  readonly cell: (name: string) => string;
}

export interface CsvFile {
  readonly path: string;
  /** As a sentence begins with it: "The feed". */
  readonly noun: string;
  readonly columns: ColumnsOfFile;
}

const parsed = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });

/**
 * Reads a CSV of observables, each with its type and its value: every line that is not blank. Separators may be commas, semicolons, tabs or bars,
 * names of columns in any case. Throws `WrongInput`, which names the file and the line, for what has no plain meaning.
 */
export async function readCsvLines(file: CsvFile): Promise<readonly CsvLine[]> {
  const read = await readFeedText(file.path);
  if (!read.ok) throw unreadable(file, read.why);
  const begin = read.text.search(/\S/);
  if (begin === -1) throw unreadable(file, 'it is empty');
  const body = read.text.slice(begin);
  /** Of the lines above the first that is not blank. */
  const above = read.text.slice(0, begin).split(LINE_END).length - 1;
  const header = readHeader(body.split(LINE_END, 1)[0] ?? '', file.columns);
  if (!header.ok) throw unreadable(file, `line ${above + 1} ${header.why}`);
  const lines: CsvLine[] = [];
  let records = 0;
  let reached = 0;
  const parser = parserOf(header, (line) => {
    reached = line;
  });
  try {
    for await (const found of Readable.from(pieces(body)).pipe(parser)) {
      const { record, info } = parsed.parse(found);
      const cells = record.map((cell) => cell.trim());
      records += 1;
      if (records === 1 || cells.every((cell) => cell === '')) continue;
      const wrong = mistakeIn(cells, header, file.columns);
      if (wrong !== null) throw unreadable(file, `line ${above + info.lines} ${wrong}`);
      lines.push({ number: above + info.lines, cell: (name) => cells[header.names.indexOf(name)] ?? '' });
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unreadable(file, `line ${above + lineAfter(body, reached)}: ${sentenceOf(error)}`);
  }
  if (lines.length === 0) throw unreadable(file, 'it has the names of the columns and no line below them');
  return lines;
}

/** `why` ends the sentence. */
export function unreadable({ noun, path }: Pick<CsvFile, 'noun' | 'path'>, why: string): WrongInput {
  return new WrongInput(`${noun} ${path} cannot be read: ${why}.`);
}

const LINE_END = /\r\n|\n|\r/;

/** The first one with something on it. */
function lineAfter(text: string, reached: number): number {
  const more = text.split(LINE_END).slice(reached);
  const skipped = more.findIndex((line) => /\S/.test(line));
  return reached + 1 + Math.max(0, skipped);
}

function sentenceOf(error: CsvError): string {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'a quotation mark is opened and never closed';
  return error.message.replace(/\.$/, '');
}

/** Says of each line that it has read it, before anybody gets it. */
function parserOf({ separator }: CsvColumns, read: (line: number) => void) {
  return parse({
    delimiter: separator,
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    on_record: (record: string[], { lines }) => {
      read(lines);
      return record;
    },
    relax_column_count: true,
    // A quotation mark inside of a cell is a character like another.
    relax_quotes: true,
    skip_empty_lines: true,
    // A tab is white space, too.
    trim: separator !== '\t',
  });
}

function* pieces(text: string): Generator<Buffer> {
  const bytes = Buffer.from(text);
  const size = 65_536;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Null for a line whose meaning is plain. */
function mistakeIn(cells: readonly string[], { names }: CsvColumns, columns: ColumnsOfFile): string | null {
  const counts = `has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, and the first line names ${names.length} columns`;
  if (Math.max(names.indexOf('type'), names.indexOf('value')) >= cells.length) {
    return `${counts}: each needs its type and its value, with the separator of the first line between them`;
  }
  if (cells.some((cell) => /[\r\n]/.test(cell)))
    return 'ends inside of a cell: a quotation mark above it is never closed';
  const more = cells.slice(names.length).some((cell) => cell !== '');
  if (!more || isNote(cells, names, columns)) return null;
  return `${counts}: put a cell that holds the separator into quotation marks`;
}

/** What is left over cannot be a part of the cells that count: they come first, and cannot hold a separator. */
function isNote(cells: readonly string[], names: readonly string[], { others }: ColumnsOfFile): boolean {
  const type = observableType(cells[names.indexOf('type')] ?? '');
  const first = Math.max(names.indexOf('type'), names.indexOf('value')) === 1;
  const texts = others.some((name) => names.includes(name));
  return first && !texts && type !== null && type !== 'url';
}
