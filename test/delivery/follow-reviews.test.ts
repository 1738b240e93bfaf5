import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlanInput, plan } from '../../activities/plan.ts';
import { followReviews } from '../../delivery/follow-reviews.ts';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { windowCounts } from '../../ledger/window-counts.ts';
import { partsWith } from '../activities/parts.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited } from './delivery.ts';
import { startScripted } from './scripted-destination.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const A = 'a.example.com';
const B = 'b.example.com';
const REVOKED = { ended: 'revoked' } as const;

type Scripted = ReturnType<typeof startScripted>;

async function standing({ name }: Pick<Scripted, 'name'>): Promise<readonly unknown[]> {
  const { rows } = await sql`select d.state, d.reason, d.remote_id, d.hash is not null or d.may_hold is not null as held
    from deliveries d join indicators i on i.id = d.indicator_id where i.pipeline = ${name} order by i.value`.execute(
    ledger,
  );
  return rows;
}

async function reviews({ name }: Scripted): Promise<readonly { id: number; review: string | null }[]> {
  const { rows } = await sql<{ id: number; review: string | null }>`select s.id, s.review
    from shipments s join windows w on w.id = s.window_id where w.pipeline = ${name} order by s.id`.execute(ledger);
  return rows;
}

async function due({ name }: Scripted): Promise<readonly (Date | null)[]> {
  const { rows } = await sql<{ due_at: Date | null }>`select s.due_at
    from set_aside s join indicators i on i.id = s.indicator_id where i.pipeline = ${name}`.execute(ledger);
  return rows.map((row) => row.due_at);
}

/** A window whose indicators were all taken in, and wait for an analyst. */
async function waiting(...values: readonly string[]) {
  const one = startScripted(ledger);
  one.script.reviews = true;
  const windowId = await one.bring(...values.map((value) => edited(1, {}, value)));
  const decide = async (said: Scripted['script']['said'] = {}): Promise<void> => {
    one.script.said = said;
    one.script.reviews = false;
    one.script.decided = (await reviews(one)).map(({ id }) => id);
    one.asked.length = 0;
    await one.review();
  };
  return { ...one, windowId, decide };
}

const REJECTED = {
  state: 'rejected',
  reason: 'excluded from the import by an analyst',
  remote_id: null,
  held: false,
};
const CONFIRMED = { state: 'confirmed', reason: 'score-at-or-above-minimum', held: true };

describe('what waits for an analyst', () => {
  test('is confirmed, and asked for by a later run', async () => {
    const one = await waiting(A);
    expect(await standing(one)).toMatchObject([CONFIRMED]);
    const [shipment] = await reviews(one);
    expect(shipment?.review).toBe('waiting');
    one.asked.length = 0;
    await one.review();
    expect(one.reviewed).toEqual([[shipment?.id]]);
    expect(one.asked).toEqual([]);
    expect(await reviews(one)).toEqual([shipment]);
  });

  test('stays there with the id that it has now, when it is approved', async () => {
    const one = await waiting(A);
    one.script.generation = 2;
    await one.decide();
    expect(await standing(one)).toEqual([{ ...CONFIRMED, remote_id: `${A}#2` }]);
    expect(await reviews(one)).toMatchObject([{ review: 'decided' }]);
    await one.review();
    expect(one.reviewed).toHaveLength(1);
  });

  test('is asked about as it was brought, though it has an id since', async () => {
    const one = await waiting(A, B);
    await one.decide();
    expect(one.asked).toEqual([{ act: 'bring', values: [A, B], held: [null, null] }]);
  });

  test('is rejected item by item, and the window that delivered it counts as it did', async () => {
    const one = await waiting(A, B);
    const before = await windowCounts(ledger, one.windowId);
    await one.decide({ [A]: 'rejected' });
    expect(await standing(one)).toMatchObject([REJECTED, CONFIRMED]);
    expect(await windowCounts(ledger, one.windowId)).toEqual(before);
    expect(before).toMatchObject({ confirmed: 2, rejected: 0 });
  });

  test('waits on, of what an analyst has not decided about yet', async () => {
    const one = await waiting(A, B);
    one.script.said = { [A]: 'rejected' };
    one.script.decided = (await reviews(one)).map(({ id }) => id);
    await one.review();
    expect(await standing(one)).toMatchObject([REJECTED, CONFIRMED]);
    expect(await reviews(one)).toMatchObject([{ review: 'waiting' }]);
    await one.decide({ [B]: 'rejected' });
    expect(await standing(one)).toMatchObject([REJECTED, REJECTED]);
  });

  test('is set aside when nobody can say any more whether it is there', async () => {
    const one = await waiting(A);
    await one.decide({ [A]: 'unknown' });
    expect(await standing(one)).toMatchObject([{ state: 'set-aside', reason: 'it does not say', held: true }]);
    expect(await due(one)).toEqual([null]);
    one.script.said = {};
    one.asked.length = 0;
    await one.bring(edited(2, { description: 'new' }));
    expect(one.asked).toHaveLength(1);
    expect(await standing(one)).toMatchObject([CONFIRMED]);
  });

  test('is rejected also where another pipeline shares it', async () => {
    const one = await waiting(A);
    const other = startScripted(ledger, { sharing: [one.name] });
    await other.bring(edited(1));
    expect(other.sent).toEqual([]);
    await one.decide({ [A]: 'rejected' });
    expect(await standing(other)).toEqual([REJECTED]);
  });

  test('does not undo what has happened since', async () => {
    const one = await waiting(A, B);
    one.script.reviews = false;
    await one.bring(edited(2, REVOKED), edited(2, { confidence: 90 }, B));
    expect(one.sent.at(-1)).toMatchObject({ act: 'change', values: [B] });
    const [first] = await reviews(one);
    one.script.decided = [first?.id ?? 0];
    one.script.said = { '*': 'rejected' };
    await one.review();
    expect(await standing(one)).toMatchObject([{ state: 'retracted' }, { ...REJECTED }]);
  });

  test('is asked about with what its window has decided anew since', async () => {
    const one = await waiting(A, B);
    await sql`update batch_items set shipment_id = null, hash = null where window_id = ${one.windowId}
      and indicator_id = (select id from indicators where pipeline = ${one.name} and value = ${A})`.execute(ledger);
    await one.decide({ '*': 'rejected' });
    expect(one.asked).toMatchObject([{ act: 'bring', values: [A, B] }]);
    expect(await standing(one)).toEqual([REJECTED, REJECTED]);
  });

  test('is asked for all at once, and read a few at a time', async () => {
    const one = startScripted(ledger);
    one.script.reviews = true;
    const values = Array.from({ length: 20 }, (_, at) => `${at}.example.com`);
    for (const value of values) await one.bring(edited(1, {}, value));
    one.script.decided = (await reviews(one)).map(({ id }) => id);
    one.script.reviews = false;
    one.script.said = { [values[3] ?? '']: 'unavailable' };
    one.asked.length = 0;
    expect(await one.review()).toBeUndefined();
    expect(one.reviewed).toHaveLength(1);
    expect(one.asked).toHaveLength(20);
    expect(one.abreast()).toBe(8);
    expect((await reviews(one)).filter(({ review }) => review === 'waiting')).toHaveLength(1);
    expect(one.logged).toEqual(['what analysts have decided is asked again by the next run: It is away.']);
  });
});

describe('an answer that does not come', () => {
  test('holds no run up, and is asked for by the next one', async () => {
    const one = await waiting(A);
    one.script.decided = new Fault('Unavailable', 'The destination is away.');
    expect(await one.review()).toBeUndefined();
    expect(one.logged).toEqual(['what analysts have decided is asked again by the next run: The destination is away.']);
    await one.decide({ [A]: 'unavailable' });
    expect(await reviews(one)).toMatchObject([{ review: 'waiting' }]);
    await one.decide({ [A]: 'waiting' });
    expect(await reviews(one)).toMatchObject([{ review: 'waiting' }]);
    await one.decide();
    expect(await reviews(one)).toMatchObject([{ review: 'decided' }]);
    const { rows } = await sql`select * from failing`.execute(ledger);
    expect(rows).toEqual([]);
  });
});

describe('what ends while it waits', () => {
  test('is withdrawn from the request that it waits with', async () => {
    const one = await waiting(A);
    await one.bring(edited(2, REVOKED));
    expect(one.withdrawn).toMatchObject([
      { key: { value: A }, held: { remoteId: `${A}#1` }, awaiting: { session: 1 } },
    ]);
    await one.decide({ [A]: 'rejected' });
    expect(await standing(one)).toMatchObject([{ state: 'retracted', reason: 'revoked', remote_id: `${A}#1` }]);
  });

  test.each(['accepted', 'rejected'] as const)(
    'is withdrawn as soon as it is %s, when it could not be before',
    async (said) => {
      const one = await waiting(A);
      one.script.stuck = [A];
      await one.bring(edited(2, REVOKED));
      expect(await standing(one)).toMatchObject([{ state: 'set-aside', held: true }]);
      expect(await due(one)).not.toEqual([one.clock.at]);
      one.script.stuck = [];
      await one.decide({ [A]: said });
      expect(await due(one)).toEqual([one.clock.at]);
      await one.bring();
      expect(await due(one)).toEqual([]);
      expect(one.withdrawn.slice(1)).toMatchObject(
        said === 'accepted' ? [{ key: { value: A }, held: { remoteId: `${A}#1` }, awaiting: null }] : [],
      );
      expect(await standing(one)).toMatchObject([
        { state: said === 'accepted' ? 'retracted' : 'rejected', held: false },
      ]);
    },
  );
});

test('a destination that reviews nothing is not asked', async () => {
  const { name } = await waiting(A);
  const parts = partsWith(ledger, { name });
  await new MockActivityEnvironment().run(() => followReviews(parts, parts.pipeline(name)));
});

test('a live run asks before anything else, and a backfill does not', async () => {
  const one = await waiting(A);
  const now = one.clock.at;
  // Nothing is settled yet: there is nothing to plan.
  const unsettled = { since: () => now, settleMs: 365 * 86_400_000 };
  const parts = partsWith(ledger, { ...one.parts.pipeline(one.name), ...unsettled }, { now: () => now });
  const run = (input: PlanInput) =>
    new MockActivityEnvironment().run(() => plan(parts, { ...input, owner: { workflowId: 'a', runId: 'b' } }));
  const [pipeline, limit] = [one.name, 1];
  const day = { from: now.toISOString(), to: now.toISOString(), windowMs: null };
  await run({ pipeline, limit, kind: 'backfill', ...day });
  expect(one.reviewed).toHaveLength(0);
  await run({ pipeline, limit, kind: 'live' });
  expect(one.reviewed).toHaveLength(1);
});
