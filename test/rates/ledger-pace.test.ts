import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { ledgerPace } from '../../rates/ledger-pace.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const now = (): Date => new Date();
const { signal } = new AbortController();

function paceOf(api: string, perSecond: number) {
  return ledgerPace(ledger, { budget: api }, { perSecond, burst: 1 }, { now, isUrgent: () => true });
}

async function nextSlot(api: string): Promise<number> {
  const { rows } = await sql<{ next: Date }>`select next_at as next from rate_budgets where api = ${api}`.execute(
    ledger,
  );
  return rows[0]?.next.getTime() ?? 0;
}

it('gives each request a slot of its own, at the configured pace', async () => {
  const pace = paceOf('pace', 100);
  await pace.before(signal);
  const begin = await nextSlot('pace');
  await Promise.all(Array.from({ length: 50 }, () => pace.before(signal)));
  // Fifty slots of 10 ms: as many as were asked for, and later ones only when time went by unused.
  expect((await nextSlot('pace')) - begin).toBeGreaterThanOrEqual(500);
  // The last slot is the one before the next free one; nobody went ahead before it.
  expect(Date.now()).toBeGreaterThanOrEqual((await nextSlot('pace')) - 10 - 1);
});

it('lets a request go that is cancelled while it waits, and gives its slot to the next', async () => {
  const pace = paceOf('cancelled', 2);
  await pace.before(signal);
  await pace.throttled(1_500);
  const cancel = new AbortController();
  const waiting = [pace.before(cancel.signal, 30), pace.before(cancel.signal, 30)];
  const last = pace.before(signal, 1);
  cancel.abort();
  await Promise.all(waiting.map((each) => expect(each).rejects.toThrow(/abort/i)));
  await last;
  expect(await nextSlot('cancelled')).toBeLessThan(Date.now() + 5_000);
});

it('says when to come back rather than wait long', async () => {
  const pace = paceOf('long', 10);
  await pace.before(signal);
  await pace.throttled(60_000);
  const fault = await pace.before(signal).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ kind: 'Throttled', message: expect.stringContaining('budget of long') });
  expect(fault instanceof Fault ? fault.retryAfterMs : 0).toBeGreaterThan(50_000);
});

it('says so when the ledger fails', async () => {
  const broken = await openTestLedger();
  const pace = ledgerPace(
    broken.ledger,
    { budget: 'broken' },
    { perSecond: 1, burst: 1 },
    { now, isUrgent: () => true },
  );
  await broken.close();
  await expect(pace.before(signal)).rejects.toThrow();
});
