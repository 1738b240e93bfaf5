import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { json } from '../destinations/scripted-threatstream.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

/** A delivery whose request is under way, and that only a search will tell of; questions are declined that are of this kind. */
async function underWay(isDeclined: (query: URLSearchParams) => boolean) {
  const delivery = await startDelivery(ledger, 'bypass', {}, { polls: 0 });
  const window = await delivery.bring(edited(1));
  await delivery.deliver(window);
  delivery.bench.answers.to = ({ method, url }) =>
    method === 'GET' && isDeclined(new URL(url).searchParams) ? json(400, {}) : null;
  return { delivery, window };
}

test('searches that are all declined block the run, and nothing is lost once they are answered', async () => {
  const { delivery, window } = await underWay(() => true);
  expect(await delivery.confirm(window)).toBe('Refused');
  expect(delivery.refusal()).toMatch(/answered 400 .*read intelligence.*check the baseUrl/);
  delete delivery.bench.answers.to;
  expect(await delivery.confirm(window)).toMatchObject({ confirmed: 1 });
});
