import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { isPush } from '../destinations/opencti-bench.ts';
import { DECAYS, nodesOf } from '../destinations/opencti-shown.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited } from './delivery.ts';
import { startOpenCtiDelivery } from './opencti-delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const REVOKED = { ended: 'revoked' } as const;
const TWO = ['a.example.com', 'b.example.com'];

describe.each(DECAYS)('under $name', ({ faults }) => {
  test('what is brought is not brought twice, is changed, withdrawn, and comes back', async () => {
    const delivery = await startOpenCtiDelivery(ledger, faults);
    const all = (edit: number, facts = {}) => TWO.map((value) => edited(edit, facts, value));
    expect(await delivery.finish(await delivery.bring(...all(1)))).toMatchObject({ confirmed: 2 });
    const begun = { validFrom: '2026-10-02T00:00:00.0000000Z' };
    expect(await delivery.finish(await delivery.bring(...all(2, begun)))).toMatchObject({ confirmed: 2 });
    expect(delivery.pushes()).toBe(1);
    expect(await delivery.finish(await delivery.bring(...all(3, { confidence: 95 })))).toMatchObject({ confirmed: 2 });
    expect(await nodesOf(delivery.bench)).toMatchObject([{ x_opencti_score: 95 }, { x_opencti_score: 95 }]);
    expect(delivery.counts()).toMatchObject({ holds: 2, updates: 2, duplicates: 0 });
    expect(await delivery.finish(await delivery.bring(...all(4, REVOKED)))).toMatchObject({ retracted: 2 });
    expect(delivery.counts()).toMatchObject({ holds: 0, withdrawn: 2, duplicates: 0 });
    expect(await delivery.finish(await delivery.bring(...all(5, { confidence: 95 })))).toMatchObject({ confirmed: 2 });
    expect(delivery.counts()).toMatchObject({ holds: 2, withdrawn: 2, duplicates: 0 });
    expect(delivery.pushes()).toBe(4);
    const again = { ...begun, confidence: 95 };
    expect(await delivery.finish(await delivery.bring(...all(6, again)))).toMatchObject({ confirmed: 2 });
    expect(delivery.pushes()).toBe(4);
    expect(await delivery.finish(await delivery.bring(...all(7, REVOKED)))).toMatchObject({ retracted: 2 });
    expect(delivery.counts()).toMatchObject({ holds: 0, withdrawn: 4 });
  });

  test.each(['before', 'after'] as const)('an acknowledgement that is lost %s it was taken in', async (when) => {
    const delivery = await startOpenCtiDelivery(ledger, faults);
    const cut = (): never => {
      throw new Fault('Unavailable', 'The connection was cut.');
    };
    delivery.bench.answers[when] = (request) => (isPush(request) ? cut() : null);
    const window = await delivery.bring(edited(1));
    expect(await delivery.deliver(window)).toBe('Unavailable');
    delete delivery.bench.answers[when];
    // It may be in the queue.
    expect(await delivery.deliver(window)).toBe('Unavailable');
    expect(delivery.pushes()).toBe(1);
    delivery.later(300_000);
    expect(await delivery.finish(window)).toMatchObject({ confirmed: 1 });
    expect(delivery.pushes()).toBe(when === 'before' ? 2 : 1);
    expect(delivery.counts()).toMatchObject({ holds: 1, duplicates: 0 });
  });

  test('an indicator that changes while it is on its way is confirmed as it was sent, and then changed', async () => {
    const delivery = await startOpenCtiDelivery(ledger, { ...faults, ingestAfterRequests: 2 });
    await delivery.finish(await delivery.bring(edited(1)));
    const second = await delivery.bring(edited(2, { confidence: 95 }));
    await delivery.deliver(second);
    const third = await delivery.bring(edited(3, { confidence: 60 }));
    expect(await delivery.confirm(second)).toBe('Throttled');
    expect(await delivery.finish(second)).toMatchObject({ confirmed: 1, pending: 0 });
    expect(await delivery.finish(third)).toMatchObject({ confirmed: 1 });
    expect(await nodesOf(delivery.bench)).toMatchObject([{ x_opencti_score: 60 }]);
    expect(delivery.counts()).toMatchObject({ duplicates: 0, updates: 2 });
  });
});

test('what OpenCTI refuses keeps nothing else, is set aside in the end, and brought again once it is taken', async () => {
  const delivery = await startOpenCtiDelivery(ledger, { excluded: ['b.example.com'] });
  const window = await delivery.bring(...TWO.map((value) => edited(1, {}, value)));
  await delivery.deliver(window);
  for (let asked = 0; asked < 2; asked += 1) expect(await delivery.confirm(window)).toBe('Throttled');
  expect(delivery.counts()).toMatchObject({ holds: 1 });
  delivery.later(3_600_000);
  expect(await delivery.confirm(window)).toMatchObject({ confirmed: 1, pending: 0 });
  delivery.bench.tip.setFaults({ excluded: [] });
  const again = await delivery.bring(...TWO.map((value) => edited(2, { confidence: 95 }, value)));
  expect(await delivery.finish(again)).toMatchObject({ confirmed: 2 });
  expect(delivery.counts()).toMatchObject({ holds: 2, duplicates: 0 });
});

test('a push that is too large is halved until what is too large stands alone', async () => {
  const delivery = await startOpenCtiDelivery(ledger, { maxBodyBytes: 4_000, tooLarge: '500' });
  const rows = Array.from({ length: 8 }, (_, index) => edited(1, {}, `host${index}.example.com`));
  const large = edited(1, { description: 'x'.repeat(4_000) }, 'large.example.com');
  expect(await delivery.finish(await delivery.bring(...rows, large))).toMatchObject({ confirmed: 8, rejected: 1 });
  expect(delivery.counts()).toMatchObject({ holds: 8, duplicates: 0 });
});

test('an ingester that is stopped blocks the run, and nothing is lost', async () => {
  const delivery = await startOpenCtiDelivery(ledger, { stopped: true });
  const window = await delivery.bring(edited(1));
  expect(await delivery.deliver(window)).toBe('Refused');
  expect(delivery.refusal()).toContain('push ingester');
  delivery.bench.tip.setFaults({ stopped: false });
  expect(await delivery.finish(window)).toMatchObject({ confirmed: 1 });
});
