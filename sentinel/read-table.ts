import type { SourceRow } from '../indicators/source-row.ts';
import { excerpt } from '../indicators/storable-text.ts';
import { rowSchema } from './row-schema.ts';
import type { ReadResult } from './sentinel-reader.ts';

/** A result table as the SDK gives it. */
export interface ResultTable {
  readonly columnDescriptors: readonly { readonly name?: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

const EXCERPT = 500;

/** Reads each row by itself: one that does not fit costs itself, and its reason names the column but not the value. */
export function readTable(table: ResultTable): ReadResult {
  const names = table.columnDescriptors.map(({ name }) => name ?? '');
  const rows: SourceRow[] = [];
  const malformed: ReadResult['malformed'][number][] = [];
  for (const values of table.rows) {
    const raw = Object.fromEntries(names.map((name, at) => [name, values[at]]));
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
