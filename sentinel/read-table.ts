import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { Fault } from '../indicators/fault.ts';
import type { SourceRow } from '../indicators/source-row.ts';
import { excerpt } from '../indicators/storable-text.ts';
import { LOGS } from './query-fault.ts';
import { ROW_COLUMNS, rowSchema } from './row-schema.ts';
import type { ReadResult } from './sentinel-reader.ts';

/** A result table as the SDK gives it: what stands in `rows` is as it came. */
export interface ResultTable {
  readonly columnDescriptors: readonly { readonly name?: string }[];
  readonly rows: readonly unknown[];
}

const EXCERPT = 500;
/** So many characters are read before others have the thread: heartbeats among them, without which another worker takes the slice. */
const AT_A_TIME = 262_144;

/**
 * Reads each row by itself: one that does not fit costs itself, and its reason names the column but not the value. A table that is not
 * the one that was asked for is no answer: what it lacks would read as rows that say nothing, or less than they do.
 */
export async function readTable(table: ResultTable): Promise<ReadResult> {
  const rows: SourceRow[] = [];
  const malformed: ReadResult['malformed'][number][] = [];
  let volume = 0;
  for (const raw of namedRows(table, ROW_COLUMNS)) {
    volume += lengthOf(raw);
    if (volume > AT_A_TIME) {
      volume = 0;
      await setImmediate();
    }
    const read = readOne(raw);
    if (typeof read !== 'string') {
      rows.push(read);
      continue;
    }
    const id = raw['Id'];
    malformed.push({
      sourceId: typeof id === 'string' && id !== '' ? excerpt(id, EXCERPT) : null,
      reason: read,
      excerpt: shown(raw),
    });
  }
  return { rows, malformed };
}

function lengthOf(raw: Readonly<Record<string, unknown>>): number {
  return Object.values(raw).reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 1), 0);
}

/** The row, or why it is none. */
function readOne(raw: Readonly<Record<string, unknown>>): SourceRow | string {
  try {
    const parsed = rowSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return `${String(issue?.path[0] ?? 'the row')}: ${issue?.message ?? 'not as expected'}`;
  } catch (error) {
    return `the row could not be read (${error instanceof Error ? error.name : typeof error})`;
  }
}

/** As JSON; what is nested too deeply for that is not shown. */
function shown(raw: Readonly<Record<string, unknown>>): string {
  try {
    return excerpt(JSON.stringify(raw), EXCERPT);
  } catch {
    return 'a row that cannot be shown';
  }
}

/** A long comes as a number, and from some ways out of Kusto as text. */
const rowCount = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)));

export const countRow = z.object({ Count: rowCount, Clock: instant });
export const estimateRow = z.object({ Rows: rowCount, Hosts: rowCount });

/** The one row of an answer that has one. */
export function oneRow<T extends Record<string, unknown>>(
  table: ResultTable,
  schema: z.ZodType<T> & { readonly shape: Readonly<Record<string, unknown>> },
  what: string,
): T {
  const [row] = namedRows(table, Object.keys(schema.shape));
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new Fault('Unavailable', `${LOGS} answered ${what} without its numbers.`);
}

/** Rows by the names of their columns, as they came. Kusto may put what went wrong in the place of a row ("Partial query failures"). */
export function namedRows(
  { columnDescriptors, rows }: ResultTable,
  columns: readonly string[],
): readonly Record<string, unknown>[] {
  const names = columnDescriptors.map(({ name }) => name ?? '');
  const lacking = columns.filter((column) => !names.includes(column));
  if (lacking.length > 0) {
    throw new Fault('Unavailable', `${LOGS} answered without the columns ${lacking.join(', ')}.`);
  }
  return rows.map((values) => {
    if (!Array.isArray(values) || values.length !== names.length) {
      throw new Fault('Unavailable', `${LOGS} answered a row that has not as many cells as there are columns.`);
    }
    return Object.fromEntries(names.map((name, at): [string, unknown] => [name, values[at]]));
  });
}
