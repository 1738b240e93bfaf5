import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { followReviews } from '../../delivery/follow-reviews.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { SIGNAL } from '../destinations/threatstream-sandbox.ts';
import { edited, partsOf, startDelivery } from './delivery.ts';

export type Delivery = Awaited<ReturnType<typeof startDelivery>>;

/** A delivery of one indicator, which waits for an analyst. */
export async function startWaiting(
  ledger: LedgerDb,
  faults: Parameters<typeof startDelivery>[3] = {},
): Promise<Delivery> {
  const delivery = await startDelivery(ledger, 'required', { confirmFor: 0 }, { polls: 0, ...faults });
  await delivery.finish(await delivery.bring(edited(1)));
  return delivery;
}

/** An analyst decides about all that waits, and a run asks about it. */
export async function reviewed(
  ledger: LedgerDb,
  { name, bench }: Delivery,
  decision: 'approve' | 'reject',
): Promise<void> {
  bench.sandbox.tips.threatstream.review({ decision });
  const parts = partsOf(ledger, name, bench);
  await new MockActivityEnvironment().run(() => followReviews(parts, parts.pipeline(name)));
}

/** What the ledger has of the first of the indicators, by their values. */
export async function standing(ledger: LedgerDb, { name }: Delivery): Promise<unknown> {
  const { rows } = await sql`select d.state, s.reason, s.due_at is not null as due, d.remote_id is not null as known
    from deliveries d join indicators i on i.id = d.indicator_id left join set_aside s on s.indicator_id = i.id
    where i.pipeline = ${name} order by i.value`.execute(ledger);
  return rows[0];
}

/** The list of sessions, which brings those that are under way to where they wait. */
export async function letArrive({ bench }: Delivery): Promise<void> {
  await bench.threatstream.find({ name: 'none', items: [] }, { sentAfter: new Date(0), endedAt: null }, SIGNAL);
}
