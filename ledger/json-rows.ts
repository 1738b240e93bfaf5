import { type RawBuilder, sql } from 'kysely';

/**
 * A thousand rows as one parameter: `jsonb_to_recordset` with the given columns. One statement then does the work of a
 * thousand, on both ledgers, without a limit on parameters.
 */
export function jsonRows(rows: readonly object[], columns: string): RawBuilder<unknown> {
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(${sql.raw(columns)})`;
}
