import { sql } from 'kysely';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { redeliver } from '../../ledger/redeliver.ts';
import type { startDelivery } from './delivery.ts';

type Delivery = Awaited<ReturnType<typeof startDelivery>>;

const MINUTE = 60_000;

/** As the engine does it, but with fewer attempts: until the step ends, or for so many hours. */
export async function forHours(delivery: Delivery, hours: number, step: 'deliver' | 'confirm', windowId: number) {
  let outcome = await delivery[step](windowId);
  const wait = hours > 4 ? 30 * MINUTE : 5 * MINUTE;
  for (let waited = 0; typeof outcome === 'string' && waited < hours * 60 * MINUTE; waited += wait) {
    delivery.later(wait);
    outcome = await delivery[step](windowId);
  }
  return outcome;
}

/** The values whose delivery was set aside. */
export async function listed(ledger: LedgerDb, { name }: Delivery): Promise<readonly string[]> {
  const { rows } = await sql<{
    value: string;
  }>`select i.value from set_aside s join indicators i on i.id = s.indicator_id
    where i.pipeline = ${name} and s.stage = 'delivery' order by 1`.execute(ledger);
  return rows.map(({ value }) => value);
}

/** A person asks for all of it once more. */
export async function redeliverAll(ledger: LedgerDb, { name, bench }: Delivery) {
  return redeliver(ledger, { pipeline: name, rejected: true, setAside: true, windowId: null, now: bench.clock.at });
}
