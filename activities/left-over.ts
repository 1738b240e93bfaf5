import { sql } from 'kysely';
import { addTallies } from '../indicators/counts.ts';
import { plainWords } from '../indicators/plain-words.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';

export interface SetAsideGroup {
  readonly stage: 'look-up' | 'delivery';
  readonly reason: string;
  readonly items: number;
  /** When the first of them was set aside. */
  readonly since: string;
  /** When the first of them is taken up by itself; null: when a person asks. */
  readonly due: string | null;
}

export interface RejectedGroup {
  readonly reason: string;
  readonly items: number;
}

/** Groups that are read; what a person can take in is less. */
const MOST_GROUPS = 1_000;
const REASONS_SHOWN = 5;

/** What a pipeline has set aside, by stage and reason, most first. What is gathered waits for no trouble, and is told by itself. */
export async function setAsideGroups(db: LedgerDb, pipeline: string): Promise<readonly SetAsideGroup[]> {
  const { rows } = await sql<{
    stage: SetAsideGroup['stage'];
    reason: string;
    items: number;
    since: Date;
    due: Date | null;
  }>`select s.stage, s.reason, count(*)::int as items, min(s.since) as since, min(s.due_at) as due
    from set_aside s join indicators i on i.id = s.indicator_id where i.pipeline = ${pipeline} and s.sort_key is null
    group by 1, 2 order by 3 desc limit ${MOST_GROUPS}`.execute(db);
  const groups = new Map<string, SetAsideGroup>();
  for (const { stage, reason, items, since, due } of rows) {
    const plain = plainWords(reason);
    const group = { stage, reason: plain, items, since: since.toISOString(), due: due?.toISOString() ?? null };
    const known = groups.get(`${stage} ${plain}`);
    groups.set(
      `${stage} ${plain}`,
      known === undefined
        ? group
        : {
            ...known,
            items: known.items + items,
            since: earlier(known.since, group.since),
            due: known.due === null || group.due === null ? (known.due ?? group.due) : earlier(known.due, group.due),
          },
    );
  }
  return [...groups.values()].toSorted((a, b) => b.items - a.items);
}

/** Why the destination has rejected what it has rejected: the most frequent reasons. */
export async function rejectedGroups(db: LedgerDb, pipeline: string): Promise<readonly RejectedGroup[]> {
  const { rows } = await sql<{ reason: string | null; items: number }>`select d.reason, count(*)::int as items
    from deliveries d join indicators i on i.id = d.indicator_id
    where i.pipeline = ${pipeline} and d.state = 'rejected' group by 1 order by 2 desc limit ${MOST_GROUPS}`.execute(
    db,
  );
  const tally = rows.map(({ reason, items }) => ({ [plainWords(reason ?? 'unknown')]: items })).reduce(addTallies, {});
  return Object.entries(tally)
    .map(([reason, items]) => ({ reason, items }))
    .toSorted((a, b) => b.items - a.items)
    .slice(0, REASONS_SHOWN);
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}
