import { sql } from 'kysely';
import type { Facts, IndicatorType } from '../indicators/indicator.ts';
import { HELD, type HeldAtPlan } from './held.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { DeliverItem } from './shipments.ts';

export interface Gathered {
  readonly indicators: number;
  /** Since when the first of them waits, and until when; null when there is none. */
  readonly since: Date | null;
  readonly due: Date | null;
}

/** What of a pipeline waits for more of its kind. */
export async function gathered(db: LedgerDb, pipeline: string): Promise<Gathered> {
  const { rows } = await sql<Gathered>`select count(*)::int as indicators, min(s.since) as since, min(s.due_at) as due
    from set_aside s join indicators i on i.id = s.indicator_id
    where i.pipeline = ${pipeline} and s.sort_key is not null and i.exclusion is null`.execute(db);
  return rows[0] ?? { indicators: 0, since: null, due: null };
}

/** A page of what was set aside of a pipeline and may be brought now: what is due, or also what is gathered. */
export async function itemsToBring(
  db: LedgerDb,
  pipeline: string,
  { now, after, limit }: { readonly now: Date; readonly after: number; readonly limit: number },
): Promise<readonly DeliverItem[]> {
  const { rows } = await sql<{
    id: number;
    type: IndicatorType;
    value: string;
    facts: Facts;
    sources: readonly string[];
    hash: string | null;
    held: HeldAtPlan | null;
  }>`select i.id, i.type, i.value, i.facts, i.sources, d.hash, ${HELD} as held
    from set_aside s join indicators i on i.id = s.indicator_id left join deliveries d on d.indicator_id = i.id
    where i.pipeline = ${pipeline} and i.exclusion is null and i.id > ${after}
      and (s.due_at <= ${now}::timestamptz or s.sort_key is not null) and d.state is distinct from 'pending'
    order by i.id limit ${limit}::int`.execute(db);
  return rows.map(({ id, type, value, facts, sources, hash, held }) => ({
    id,
    held,
    indicator: { key: { type, value }, facts, sources },
    heldHash: hash,
    mayHold: null,
  }));
}
