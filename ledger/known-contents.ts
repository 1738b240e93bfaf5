import { sql } from 'kysely';
import type { IndicatorKey } from '../indicators/indicator.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import { keyName } from './slice-statements.ts';

/** What the pipeline knows of these indicators, by `keyName`: the hash of what a destination would show. */
export async function knownContents(
  db: LedgerDb,
  pipeline: string,
  keys: readonly IndicatorKey[],
): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<IndicatorKey & { hash: string }>`select i.type, i.value, i.content_hash as hash
    from ${jsonRows(keys, 'type text, value text')} join indicators i
      on i.pipeline = ${pipeline} and i.type = r.type and i.value = r.value`.execute(db);
  return new Map(rows.map(({ type, value, hash }) => [keyName({ type, value }), hash]));
}
