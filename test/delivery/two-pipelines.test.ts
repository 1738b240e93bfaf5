import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { SIGNAL } from '../destinations/threatstream-sandbox.ts';
import { letLeaseRunOut } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery, WAYS } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

/** What a direct write discards in silence, it does not wait for. */
const AT_ONCE = { required: {}, automatic: {}, bypass: { confirmFor: 0 } } as const;

type Delivery = Awaited<ReturnType<typeof startDelivery>>;

const REVOKED = { ended: 'revoked' } as const;

async function standing({ name }: Delivery): Promise<readonly string[]> {
  const { rows } = await sql<{ said: string }>`select d.state || ', ' || d.reason as said
    from deliveries d join indicators i on i.id = d.indicator_id where i.pipeline = ${name}`.execute(ledger);
  return rows.map(({ said }) => said);
}

describe.each(WAYS)('with approval %s, two pipelines that deliver to one organisation', (approval) => {
  const start = async (second: Parameters<typeof startDelivery>[2] = {}) => {
    const a = await startDelivery(ledger, approval, {}, { polls: 0 });
    const b = await startDelivery(ledger, approval, { ...AT_ONCE[approval], ...second }, {}, a);
    return { a, b, counts: () => a.counts(), submissions: () => a.submissions() + b.submissions() };
  };

  test('send what they have in common once', async () => {
    const { a, b, counts, submissions } = await start();
    expect(await a.finish(await a.bring(edited(1)))).toMatchObject({ confirmed: 1 });
    expect(await b.finish(await b.bring(edited(1), edited(1, {}, 'b.example.com')))).toMatchObject({ confirmed: 2 });
    expect(submissions()).toBe(2);
    expect(counts()).toMatchObject({ holds: 2, duplicates: 0, updates: 0 });
  });

  test('also when both are at it at once', async () => {
    const { a, b, counts } = await start();
    const [first, second] = [await a.bring(edited(1)), await b.bring(edited(1))];
    expect(await a.deliver(first)).toMatchObject({ requests: 1 });
    expect(await b.deliver(second)).toBe('Throttled');
    expect(await a.confirm(first)).toMatchObject({ confirmed: 1 });
    expect(await b.finish(second)).toMatchObject({ confirmed: 1 });
    expect(counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 0 });
  });

  test('nobody waits for a run of another one that was stopped for good', async () => {
    const { a, b, counts } = await start();
    const first = await a.bring(edited(1));
    await a.deliver(first);
    const second = await b.bring(edited(1, { confidence: 95 }));
    expect(await b.deliver(second)).toBe('Throttled');
    a.later(20 * 60_000);
    // That one may only be slow, as an analyst is.
    expect(await b.deliver(second)).toBe('Throttled');
    await letLeaseRunOut(ledger, first);
    // A list of sessions, which brings them to their end.
    await a.bench.threatstream.find({ name: 'none', items: [] }, { sentAfter: new Date(0), endedAt: null }, SIGNAL);
    expect(await b.finish(second)).toMatchObject({ confirmed: 1 });
    expect(counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  test('withdraw it when it has ended for the last of them', async () => {
    const { a, b, counts } = await start();
    await a.finish(await a.bring(edited(1)));
    await b.finish(await b.bring(edited(1)));
    expect(await a.finish(await a.bring(edited(2, REVOKED)))).toMatchObject({ retracted: 1 });
    expect(counts()).toMatchObject({ holds: 1, withdrawn: 0 });
    expect(await standing(a)).toEqual(['retracted, delivered-by-another-pipeline']);
    expect(await b.finish(await b.bring(edited(2, REVOKED)))).toMatchObject({ retracted: 1 });
    expect(counts()).toMatchObject({ holds: 0 });
    expect(await standing(b)).toEqual(['retracted, revoked']);
  });

  test('what one is withdrawing, the other one brings only after that', async () => {
    const { a, b, counts } = await start();
    await a.finish(await a.bring(edited(1)));
    a.setFaults({ broken: { changes: ['a.example.com'], sessions: ['a.example.com'] } });
    const ending = await a.bring(edited(2, REVOKED));
    expect(await a.deliver(ending)).toBe('Unavailable');
    const coming = await b.bring(edited(1));
    expect(await b.deliver(coming)).toBe('Throttled');
    a.setFaults({ broken: {} });
    expect(await a.finish(ending)).toMatchObject({ retracted: 1 });
    expect(await b.finish(coming)).toMatchObject({ confirmed: 1 });
    expect(counts()).toMatchObject({ holds: 1 });
  });

  test('do not undo each other when they say different things of it', async () => {
    const { a, b, counts, submissions } = await start({ extraTags: ['of-the-other-team'] });
    await a.finish(await a.bring(edited(1)));
    await b.finish(await b.bring(edited(1)));
    expect(submissions()).toBe(2);
    for (const edit of [2, 3]) {
      await a.finish(await a.bring(edited(edit)));
      await b.finish(await b.bring(edited(edit)));
    }
    expect(submissions()).toBe(2);
    await a.finish(await a.bring(edited(4, { confidence: 95 })));
    expect(submissions()).toBe(2);
    expect(counts()).toMatchObject({ holds: 1, duplicates: 0, updates: 2 });
    expect(a.bench.sandbox.tips.threatstream.holdings()).toMatchObject([
      { tags: expect.arrayContaining(['of-the-other-team']) },
    ]);
  });

  test('what the other one has changed since is not taken for what it was', async () => {
    const { a, b, counts } = await start({ extraTags: ['of-the-other-team'] });
    const c = await startDelivery(ledger, approval, AT_ONCE[approval], {}, a);
    c.sharing.push(b.name);
    b.sharing.push(c.name);
    await a.finish(await a.bring(edited(1)));
    a.later(60_000);
    await b.finish(await b.bring(edited(1)));
    a.later(60_000);
    expect(await c.finish(await c.bring(edited(1)))).toMatchObject({ confirmed: 1 });
    expect(c.submissions()).toBe(1);
    // It has all that this one says, and more.
    expect(counts()).toMatchObject({ holds: 1, updates: 1 });
  });
});
