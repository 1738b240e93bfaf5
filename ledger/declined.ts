import { sql } from 'kysely';
import { type Failing, failingOf, noteFailures } from './failing.ts';
import type { LedgerDb } from './open-ledger.ts';
import { setAside } from './set-aside.ts';

/** The note of a shipment of one item that was declined. */
export const DECLINED = 'declined';
/** And of one whose item was set aside, since it had been declined so often. */
export const DECLINED_AND_SET_ASIDE = 'declined again and again; set aside';

export interface DeclinedItem {
  readonly id: number;
  readonly reason: string;
}

export interface DeclinedSince {
  /** When the newest request left that the pipeline's destination took in; null when there is none. */
  readonly takenIn: Date | null;
  /** Items that were rejected since then, each alone in its request, and are rejected still. */
  readonly rejected: readonly DeclinedItem[];
  /** Those that were set aside since then, and are still. */
  readonly setAside: readonly DeclinedItem[];
}

/** What the destination has declined since it last took something in. */
export async function declinedSince(db: LedgerDb, pipeline: string): Promise<DeclinedSince> {
  const takenIn = await lastTakenIn(db, pipeline);
  const { rows } = await sql<{ id: number; reason: string; state: string }>`
    select d.indicator_id as id, d.reason, d.state
    from windows w join shipments s on s.window_id = w.id join batch_items bi on bi.shipment_id = s.id
      join deliveries d on d.indicator_id = bi.indicator_id and d.shipment_id = s.id
    where w.pipeline = ${pipeline} and s.state = 'settled' and s.receipt is null
      and (s.note = ${DECLINED} and d.state = 'rejected' or s.note = ${DECLINED_AND_SET_ASIDE} and d.state = 'set-aside')
      and (${takenIn}::timestamptz is null or d.changed_at > ${takenIn}::timestamptz)
    order by s.id desc limit 1000`.execute(db);
  const of = (which: string): readonly DeclinedItem[] =>
    rows.filter(({ state }) => state === which).map(({ id, reason }) => ({ id, reason }));
  return { takenIn, rejected: of('rejected'), setAside: of('set-aside') };
}

export async function lastTakenIn(db: LedgerDb, pipeline: string): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(s.sent_after) as at
    from windows w join shipments s on s.window_id = w.id
    where w.pipeline = ${pipeline} and s.receipt is not null`.execute(db);
  return rows[0]?.at ?? null;
}

/** They were rejected for what was not their fault: the next live window takes them up again. */
export async function takeBackRejections(db: LedgerDb, items: readonly DeclinedItem[], now: Date): Promise<void> {
  const rows = items.map(({ id, reason }) => ({ id, stage: 'delivery' as const, reason, dueAt: now }));
  await setAside(db, rows, now);
}

/**
 * Counts that these items were declined once more, each alone in its request and in the same words as others, with nothing taken in in
 * between: what was counted before something was taken in counts no more.
 */
export async function noteDeclined(
  db: LedgerDb,
  pipeline: string,
  ids: readonly number[],
  takenIn: Date | null,
  now: Date,
): Promise<ReadonlyMap<number, Failing>> {
  if (takenIn !== null) {
    await sql`delete from failing f using indicators i where f.what = 'declined' and f.since <= ${takenIn}::timestamptz
      and i.id = f.id and i.pipeline = ${pipeline}`.execute(db);
  }
  await noteFailures(db, 'declined', ids, now);
  return failingOf(db, 'declined', ids);
}
