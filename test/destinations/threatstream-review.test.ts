import { describe, expect, it } from 'vitest';
import type { Receipt, Shipment } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { domains } from './threatstream-indicators.ts';
import { type Bench, only, SIGNAL, settle, shipmentsOf, startBench } from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

/** A session that is ready for review, with the ids that its indicators were given. */
async function waiting(bench: Bench, count: number, name = 'one') {
  const shipment = only(
    shipmentsOf(
      bench.threatstream,
      domains(count).map((item) => item),
      name,
    ),
  );
  const receipt = await send(bench.threatstream, shipment, SIGNAL);
  const { given = [], awaitsReview } = await settle(bench.threatstream, shipment, receipt);
  expect(awaitsReview).toBe(true);
  const ids = new Map(given.map(({ id, remoteId }) => [id, remoteId]));
  const items = shipment.items.map((item) => ({
    ...item,
    held: { remoteId: ids.get(item.id) ?? null, form: item.form, maybes: [], awaits: false },
  }));
  return { shipment: { ...shipment, items }, receipt };
}

const reviewed = (bench: Bench, all: readonly { readonly receipt: Receipt }[]) =>
  bench.threatstream.reviewed?.(
    all.map(({ receipt }, index) => ({ shipmentId: index + 1, receipt })),
    SIGNAL,
  );

describe('a review', () => {
  it('is asked about for all sessions at once, and is over when a person has decided', async () => {
    const bench = await startBench('required');
    const all = [await waiting(bench, 2)];
    const before = bench.requests.length;
    expect(await reviewed(bench, all)).toEqual([]);
    expect(bench.requests.length - before).toBe(1);
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    expect(await reviewed(bench, all)).toEqual([1]);
    const [one] = all;
    if (one === undefined) throw new Error('There is one.');
    const outcome = await settle(bench.threatstream, one.shipment, one.receipt);
    expect(outcome).toMatchObject({ accepted: [1, 2], note: 'active' });
    expect(outcome.awaitsReview).toBeUndefined();
  });

  it.each([
    ['exclude', 'answer'],
    ['exclude', 'missing'],
    ['reject', 'answer'],
    ['reject', 'missing'],
  ] as const)('tells what an analyst did not want (%s, lists: %s)', async (decision, sessionLists) => {
    const bench = await startBench('required', {}, { sessionLists: 'answer' });
    const one = await waiting(bench, 3);
    bench.sandbox.tips.threatstream.review({
      decision,
      ...(decision === 'exclude' ? { values: ['host1.example.com'] } : {}),
    });
    bench.sandbox.setFaults({ threatstream: { sessionLists } });
    expect(await reviewed(bench, [one])).toEqual([1]);
    const { accepted, rejected } = await settled(bench, one);
    const kept = decision === 'exclude' ? [1, 3] : [];
    expect(accepted).toEqual(kept);
    expect(rejected.map(({ id }) => id)).toEqual([1, 2, 3].filter((id) => !kept.includes(id)));
    for (const { reason } of rejected) {
      expect(reason).toMatch(/by an analyst/);
      expect(reason).not.toContain('example.com');
    }
  });

  it('of a session that is gone is over, too', async () => {
    const bench = await startBench('required');
    const { receipt } = await waiting(bench, 1);
    expect(await reviewed(bench, [{ receipt: { ...receipt, sessionId: '77' } }])).toEqual([1]);
  });
});

async function settled(
  bench: Bench,
  { shipment, receipt }: { readonly shipment: Shipment; readonly receipt: Receipt },
) {
  for (let asked = 0; asked < 10; asked += 1) {
    const items = shipment.items.map(({ id, key, hash, batchKey, value, form }) => ({
      id,
      key,
      hash,
      batchKey,
      value,
      form,
    }));
    const confirmation = await bench.threatstream.confirm({ ...shipment, items }, receipt, SIGNAL, 'reviewed');
    if (confirmation.kind === 'settled') return confirmation;
    bench.clock.at = new Date(bench.clock.at.getTime() + 60_000);
  }
  throw new Error('It was not settled after ten minutes.');
}

describe('what ends while it waits for a review', () => {
  const retractable = ({ shipment }: Awaited<ReturnType<typeof waiting>>, awaiting: Receipt | null) =>
    shipment.items.map(({ id, value, held }) => ({ id, value, remoteId: held.remoteId, awaiting }));

  it('is left out of its session: an approval does not make it active', async () => {
    const bench = await startBench('required', {}, { approvalRevives: true });
    const one = await waiting(bench, 2);
    const [first] = retractable(one, one.receipt);
    if (first === undefined) throw new Error('There is one.');
    expect(await withdraw(bench.threatstream, [first], SIGNAL)).toEqual({ withdrawn: [], missing: [1], unknown: [] });
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    expect(
      bench.sandbox.tips.threatstream
        .holdings()
        .filter(({ status }) => status === 'active')
        .map(({ value }) => value),
    ).toEqual(['host1.example.com']);
  });

  it('may not be left out, and is withdrawn once it is approved', async () => {
    const bench = await startBench('required', {}, { mayExclude: false });
    const one = await waiting(bench, 1);
    expect(await withdraw(bench.threatstream, retractable(one, one.receipt), SIGNAL)).toMatchObject({
      withdrawn: [],
      missing: [],
      unknown: [{ id: 1, reason: expect.stringContaining('waits for a review') }],
    });
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    const over = retractable(one, null);
    expect(await withdraw(bench.threatstream, over, SIGNAL)).toMatchObject({ withdrawn: [1] });
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 0 });
  });
});

describe('a withdrawal by value', () => {
  it('of what waits for a review leaves it out of that: an approval does not make it active', async () => {
    const bench = await startBench('required', {}, { approvalRevives: true });
    await waiting(bench, 1);
    const outcome = await withdraw(bench.threatstream, [{ id: 1, value: 'host0.example.com' }], SIGNAL);
    expect(outcome).toEqual({ withdrawn: [1], missing: [], unknown: [] });
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    expect(bench.sandbox.tips.threatstream.holdings().filter(({ status }) => status === 'active')).toEqual([]);
  });
});

describe('a withdrawal by value that something else acknowledges', () => {
  it('is not done', async () => {
    const bench = await startBench('required', {}, { approvalRevives: true });
    await waiting(bench, 1);
    const withdrawIt = () => withdraw(bench.threatstream, [{ id: 1, value: 'host0.example.com' }], SIGNAL);
    bench.answers.to = ({ method }) =>
      method === 'GET' ? null : { status: 200, headers: {}, text: '<html>Sign in</html>' };
    expect(await withdrawIt()).toMatchObject({ withdrawn: [], unknown: [{ id: 1 }] });
    bench.answers.to = () => null;
    expect(await withdrawIt()).toEqual({ withdrawn: [1], missing: [], unknown: [] });
  });
});

describe('a withdrawal by id', () => {
  it('is one request', async () => {
    const bench = await startBench('required');
    const { shipment } = await waiting(bench, 1);
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    const before = bench.requests.length;
    const items = shipment.items.map(({ id, value, held }) => ({ id, value, remoteId: held.remoteId }));
    expect(await withdraw(bench.threatstream, items, SIGNAL)).toMatchObject({ withdrawn: [1] });
    expect(bench.requests.length - before).toBe(1);
  });

  it('finds what has another id since its approval', async () => {
    const bench = await startBench('required', {}, { idsChangeOnApproval: true });
    const { shipment } = await waiting(bench, 1);
    bench.sandbox.tips.threatstream.review({ decision: 'approve' });
    const items = shipment.items.map(({ id, value, held }) => ({ id, value, remoteId: held.remoteId }));
    expect(await withdraw(bench.threatstream, items, SIGNAL)).toMatchObject({ withdrawn: [1] });
    expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 0, withdrawn: 1 });
  });
});
