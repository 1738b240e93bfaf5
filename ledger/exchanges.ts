import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/** An exchange that nothing is heard of for so long is over. */
const EXPIRES_MS = 60 * 60_000;

export interface Exchange {
  /** What both ends have in common. */
  readonly secret: string;
  readonly openedAt: Date;
}

/** Keeps an exchange under a name of its own; those that have expired are forgotten. */
export async function openExchange(
  db: LedgerDb,
  { id, secret, now }: { readonly id: string; readonly secret: string; readonly now: Date },
): Promise<void> {
  await forgetOldExchanges(db, now);
  await db
    .insertInto('exchanges')
    .values({ id, secret, opened_at: now, expires_at: after(now) })
    .execute();
}

/** The exchange, which lasts for another hour from now on; null for one that was closed or has expired, or never was. */
export async function takeUpExchange(db: LedgerDb, id: string, now: Date): Promise<Exchange | null> {
  const { rows } = await sql<{
    secret: string;
    opened_at: Date;
  }>`update exchanges set expires_at = ${after(now)}::timestamptz
    where id = ${id} and expires_at > ${now}::timestamptz returning secret, opened_at`.execute(db);
  const [row] = rows;
  return row === undefined ? null : { secret: row.secret, openedAt: row.opened_at };
}

export async function closeExchange(db: LedgerDb, id: string): Promise<void> {
  await db.deleteFrom('exchanges').where('id', '=', id).execute();
}

export async function forgetOldExchanges(db: LedgerDb, now: Date): Promise<void> {
  await db.deleteFrom('exchanges').where('expires_at', '<=', now).execute();
}

function after(now: Date): Date {
  return new Date(now.getTime() + EXPIRES_MS);
}
