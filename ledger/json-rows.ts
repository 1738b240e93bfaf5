import { type RawBuilder, sql } from 'kysely';

/**
 * A thousand rows as one parameter: `jsonb_to_recordset` with the given columns. One statement then does the work of a
 * thousand, on both ledgers, without a limit on parameters.
 */
export function jsonRows(rows: readonly object[], columns: string): RawBuilder<unknown> {
  return sql`jsonb_to_recordset(${jsonText(rows)}::jsonb) as r(${sql.raw(columns)})`;
}

/** Texts as one parameter, as the rows of `alias(column)`. */
export function jsonTexts(texts: readonly string[], alias: string): RawBuilder<unknown> {
  return sql`jsonb_array_elements_text(${jsonText(texts)}::jsonb) as ${sql.raw(alias)}`;
}

/** An escape of JSON; the group is one that `jsonb` declines: NUL, and half of a surrogate pair. */
const ESCAPE = /\\(?:(u0000|ud[89a-f][0-9a-f]{2})|u[0-9a-f]{4}|[^u])/g;

/**
 * JSON that `jsonb` takes, whatever texts are in it: one character that it declines would cost all rows of the statement. What it
 * declines becomes U+FFFD, as in `storableText`; JSON writes just that as an escape.
 */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (!text.includes('\\u')) return text;
  return text.replace(ESCAPE, (escape, declined) => (declined === undefined ? escape : '\uFFFD'));
}
