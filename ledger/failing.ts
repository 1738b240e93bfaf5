import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';
import { idList } from './slice-statements.ts';

/** Sending a shipment, asking what became of one, withdrawing an indicator; an indicator that is declined alone, as others are. */
export type FailingRequest = 'send' | 'ask' | 'withdraw' | 'declined';

export interface Failing {
  /** Those that failed, one after the other. */
  readonly tries: number;
  readonly since: Date;
}

export async function failingOf(
  db: LedgerDb,
  what: FailingRequest,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Failing>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: number; tries: number; since: Date }>`select id, tries, since from failing
    where what = ${what} and id = any(${idList(ids)})`.execute(db);
  return new Map(rows.map(({ id, ...failing }) => [id, failing]));
}

export async function noteFailures(
  db: LedgerDb,
  what: FailingRequest,
  ids: readonly number[],
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await sql`insert into failing (what, id, tries, since)
    select ${what}::text, r.id, 1, ${now}::timestamptz from unnest(${idList(ids)}) as r(id) order by r.id
    on conflict (what, id) do update set tries = failing.tries + 1`.execute(db);
}

/** Parts of what has failed so long need not prove it from the beginning. */
export async function inheritFailures(db: LedgerDb, ids: readonly number[], { tries, since }: Failing): Promise<void> {
  if (ids.length === 0) return;
  await sql`insert into failing (what, id, tries, since)
    select 'send', r.id, ${tries}::integer, ${since}::timestamptz from unnest(${idList(ids)}) as r(id)
    on conflict do nothing`.execute(db);
}

export async function forgetFailures(db: LedgerDb, what: FailingRequest, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from failing where what = ${what} and id = any(${idList(ids)})`.execute(db);
}
