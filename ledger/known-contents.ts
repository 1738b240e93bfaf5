import { sql } from 'kysely';
import type { IndicatorKey } from '../indicators/indicator.ts';
import { HELD, type HeldAtPlan } from './held.ts';
import { jsonRows } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';
import { keyName } from './slice-statements.ts';

export interface KnownContent {
  /** Of what a destination would show. */
  readonly hash: string;
  /** What the destination holds; null when nothing. */
  readonly held: HeldAtPlan | null;
}

/** What the pipeline knows of these indicators, by `keyName`. */
export async function knownContents(
  db: LedgerDb,
  pipeline: string,
  keys: readonly IndicatorKey[],
): Promise<ReadonlyMap<string, KnownContent>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<
    IndicatorKey & KnownContent
  >`select i.type, i.value, i.content_hash as hash, ${HELD} as held
    from ${jsonRows(keys, 'type text, value text')} join indicators i
      on i.pipeline = ${pipeline} and i.type = r.type and i.value = r.value
      left join deliveries d on d.indicator_id = i.id`.execute(db);
  return new Map(rows.map(({ type, value, hash, held }) => [keyName({ type, value }), { hash, held }]));
}
