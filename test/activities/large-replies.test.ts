import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { startReading } from './reading.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const KIB = 1_024;

test('rows whose answer is larger than what is read are asked for in halves, and all are read', async () => {
  const reading = await startReading(ledger, {}, undefined, 64 * KIB);
  reading.arrive(300);
  const ended = await reading.run();
  expect(ended).toMatchObject({ closed: [{ rows: 300, excluded: 300, malformed: 0, unread: 0 }], failures: [] });
  expect(await reading.known()).toEqual({ indicators: 300, quarantined: 0, windows: ['done'] });
  expect((await reading.slices()).length).toBeGreaterThan(1);
});

test.each(['endless-body', 'packed-body', 'nested-body', 'huge-header'] as const)(
  'an answer of rows as %s costs no row',
  async (kind) => {
    const reading = await startReading(ledger, {}, undefined, 1_024 * KIB);
    reading.arrive(40);
    reading.sandbox.setFaults({ wire: [{ api: 'logs', kind, at: [2] }] });
    const ended = await reading.run();
    expect(reading.sandbox.counts().injected).toEqual({ [`logs ${kind} before`]: 1 });
    expect(ended).toMatchObject({ closed: [{ rows: 40, excluded: 40, malformed: 0, unread: 0 }], failures: [] });
    expect(await reading.known()).toEqual({ indicators: 40, quarantined: 0, windows: ['done'] });
  },
);
