import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';
import { setAside } from './set-aside.ts';

/** The note of a shipment of one item that was declined. */
export const DECLINED = 'declined';

export interface DeclinedSince {
  /** When the newest request left that the pipeline's destination took in; null when there is none. */
  readonly takenIn: Date | null;
  /** Items that were rejected since then, each alone in its request, and are rejected still. */
  readonly rejected: readonly { readonly id: number; readonly reason: string }[];
}

/** What the destination has declined since it last took something in. */
export async function declinedSince(db: LedgerDb, pipeline: string): Promise<DeclinedSince> {
  const takenIn = await lastTakenIn(db, pipeline);
  const { rows } = await sql<{ id: number; reason: string }>`
    select d.indicator_id as id, d.reason
    from windows w join shipments s on s.window_id = w.id join batch_items bi on bi.shipment_id = s.id
      join deliveries d on d.indicator_id = bi.indicator_id and d.shipment_id = s.id
    where w.pipeline = ${pipeline} and s.state = 'settled' and s.note = ${DECLINED} and s.receipt is null
      and d.state = 'rejected' and (${takenIn}::timestamptz is null or d.changed_at > ${takenIn}::timestamptz)
    order by s.id desc limit 1000`.execute(db);
  return { takenIn, rejected: rows };
}

export async function lastTakenIn(db: LedgerDb, pipeline: string): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(s.sent_after) as at
    from windows w join shipments s on s.window_id = w.id
    where w.pipeline = ${pipeline} and s.receipt is not null`.execute(db);
  return rows[0]?.at ?? null;
}

/** They were rejected for what was not their fault: the next live window takes them up again. */
export async function takeBackRejections(
  db: LedgerDb,
  items: readonly { readonly id: number; readonly reason: string }[],
  now: Date,
): Promise<void> {
  const rows = items.map(({ id, reason }) => ({ id, stage: 'delivery' as const, reason, dueAt: now }));
  await setAside(db, rows, now);
}
