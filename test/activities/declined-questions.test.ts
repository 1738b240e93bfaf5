import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { json } from '../destinations/scripted-threatstream.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { edited, startDelivery } from './delivery.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const MINUTE = 60_000;

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

test('a search that is declined for one request alone is given up after a while, and blocks nothing', async () => {
  const marker = { first: '' };
  const { delivery, window } = await underWay((query) => {
    const tag = query.get('tags.name');
    if (tag === null) return false;
    if (marker.first === '') marker.first = tag;
    return tag === marker.first;
  });
  const seen: unknown[] = [];
  for (let tries = 0; tries < 12; tries += 1) {
    seen.push(await delivery.confirm(window));
    delivery.later(10 * MINUTE);
  }
  expect(seen[0]).toBe('Unavailable');
  expect(seen.at(-1)).toMatchObject({ confirmed: 0, rejected: 0 });
  expect(await delivery.finish(await delivery.bring(edited(1, {}, 'b.example.com')))).toMatchObject({ confirmed: 1 });
});

test('a search that is declined for one value leaves that one on the list, and the rest is withdrawn', async () => {
  const delivery = await startDelivery(ledger, 'required', {}, { polls: 0 });
  const values = ['a.example.com', 'b.example.com', 'c.example.com'];
  await delivery.finish(await delivery.bring(...values.map((value) => edited(1, {}, value))));
  delivery.bench.answers.to = ({ url }) =>
    new URL(url).searchParams.get('value') === 'b.example.com' ? json(400, {}) : null;
  const window = await delivery.bring(...values.map((value) => edited(2, { ended: 'revoked' }, value)));
  expect(await delivery.deliver(window)).toMatchObject({ retracted: 2 });
  expect(delivery.counts()).toMatchObject({ holds: 1, retracted: 2 });
});
