import type { SourceRow } from '../indicators/source-row.ts';
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
    const parsed = rowSchema.safeParse(raw);
    if (parsed.success) {
      rows.push(parsed.data);
      continue;
    }
    const [issue] = parsed.error.issues;
    const id = raw['Id'];
    malformed.push({
      sourceId: typeof id === 'string' && id !== '' ? id : null,
      reason: `${String(issue?.path[0] ?? 'the row')}: ${issue?.message ?? 'not as expected'}`,
      excerpt: JSON.stringify(raw).slice(0, EXCERPT),
    });
  }
  return { rows, malformed };
}
