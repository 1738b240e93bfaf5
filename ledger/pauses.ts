import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/** An API that asked to wait. */
export interface Pause {
  readonly api: string;
  readonly until: Date;
}

/** Which of these budgets are paused now, by the clock of the database. */
export async function pausesOf(db: LedgerDb, apis: readonly string[]): Promise<readonly Pause[]> {
  if (apis.length === 0) return [];
  return db
    .selectFrom('rate_budgets')
    .select(['api', 'blocked_until as until'])
    .where('api', 'in', [...apis])
    .where('blocked_until', '>', sql<Date>`statement_timestamp()`)
    .orderBy('api')
    .$narrowType<{ until: Date }>()
    .execute();
}

/** Lets these be tried again at once, by one request as after every 429. Returns how many were paused. */
export async function liftPauses(db: LedgerDb, apis: readonly string[]): Promise<number> {
  if (apis.length === 0) return 0;
  const { numUpdatedRows } = await db
    .updateTable('rate_budgets')
    .set({ blocked_until: null, probed_at: null, revision: sql<number>`revision + 1` })
    .where('api', 'in', [...apis])
    .where('blocked_until', '>', sql<Date>`statement_timestamp()`)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
