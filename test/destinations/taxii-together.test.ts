import { CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { deliver, rendered, SERVERS, SIGNAL, settled, shipmentOf, startTaxii } from './taxii-bench.ts';
import { domains, oneOfEach } from './threatstream-indicators.ts';

/** Of what is asked once for all: the collection, its root, what is there of identity and markings, and those. */
const ASKED_FIRST = [1, 2, 3, 4, 5];

test.each(SERVERS.flatMap((server) => ASKED_FIRST.map((at) => [server, at] as const)))(
  'on a server like %s, what is cancelled at request %i keeps nothing else',
  async (duplicates, at) => {
    const bench = await startTaxii({ duplicates });
    const cancelled = new AbortController();
    bench.answers.before = () => {
      if (bench.requests.length === at) cancelled.abort(new CancelledFailure('CANCELLED'));
      return null;
    };
    const one = bench.taxii.bring(shipmentOf(rendered(bench.taxii, domains(3))), cancelled.signal);
    const shipment = shipmentOf(rendered(bench.taxii, oneOfEach()));
    const other = bench.taxii.bring(shipment, SIGNAL);
    await expect(one).rejects.toThrow(CancelledFailure);
    expect(await settled(bench, bench.taxii, shipment, await other)).toMatchObject({
      accepted: [1, 2, 3, 4, 5, 6, 7, 8],
    });
    expect(bench.tip.counts()).toMatchObject({ holds: 8, duplicates: 0 });
    const identities = bench.added().flatMap((objects) => objects.filter(({ type }) => type === 'identity'));
    expect(identities.length).toBeLessThanOrEqual(at === 4 ? 2 : 1);
  },
);

test('markings that a server failed at are sent again within hours, and are no note any more', async () => {
  const bench = await startTaxii({ duplicates: 'medallion' });
  bench.answers.before = ({ method, body = '' }) =>
    method === 'POST' && body.includes('marking-definition"') && !body.includes('"indicator"')
      ? { status: 500, headers: {}, text: '' }
      : null;
  const sentMarkings = () =>
    bench.added().filter((objects) => objects.some(({ type }) => type === 'marking-definition')).length;
  const [one, two, three] = domains(3);
  if (one === undefined || two === undefined || three === undefined) expect.fail('There are three.');
  expect((await deliver(bench, [one])).note).toContain('does not take the TLP markings');
  expect((await deliver(bench, [two])).note).toContain('does not take the TLP markings');
  expect(sentMarkings()).toBe(1);
  delete bench.answers.before;
  bench.clock.at = new Date(bench.clock.at.getTime() + 3_600_000);
  expect(await deliver(bench, [three])).toMatchObject({ accepted: [three.id], note: '' });
  expect(sentMarkings()).toBe(2);
});

test('a page of a proxy in the place of an acknowledgement is not taken for markings that are there', async () => {
  const bench = await startTaxii();
  let pages = 0;
  bench.answers.before = ({ method, body = '' }) => {
    if (method !== 'POST' || !body.includes('marking-definition"') || pages > 0) return null;
    pages += 1;
    return { status: 200, headers: {}, text: '<html>Sign in</html>' };
  };
  const shipment = shipmentOf(rendered(bench.taxii, domains(1)));
  await expect(bench.taxii.bring(shipment, SIGNAL)).rejects.toMatchObject({ kind: 'Unavailable' });
  await settled(bench, bench.taxii, shipment, await bench.taxii.bring(shipment, SIGNAL));
  expect(bench.added().map(([first]) => first?.['type'])).toEqual([
    'identity',
    'marking-definition',
    'marking-definition',
    'indicator',
  ]);
});

test('an acknowledgement without a word keeps nothing, and what it was for is looked for again', async () => {
  const bench = await startTaxii();
  bench.answers.after = ({ method, body = '' }, reply) =>
    method === 'POST' && !body.includes('"indicator"') ? { ...reply, text: '' } : reply;
  const [one, two] = domains(2);
  if (one === undefined || two === undefined) expect.fail('There are two.');
  expect((await deliver(bench, [one])).note).toContain(
    'acknowledged the TLP markings that they refer to without a word',
  );
  bench.clock.at = new Date(bench.clock.at.getTime() + 3_600_000);
  expect(await deliver(bench, [two])).toMatchObject({ accepted: [two.id], note: '' });
  expect(
    bench
      .added()
      .flat()
      .filter(({ type }) => type !== 'indicator'),
  ).toHaveLength(6);
});

test.each(SERVERS)('what was lost at a server like %s is looked for more and more seldom', async (duplicates) => {
  const bench = await startTaxii({ duplicates }, { lostAckGrace: 3_600_000, confirmPoll: 100 });
  const shipment = shipmentOf(rendered(bench.taxii, domains(1)));
  const lost = { sentAfter: bench.clock.at, endedAt: bench.clock.at };
  let asked = 0;
  for (;;) {
    const found = await bench.taxii.find(shipment, lost, SIGNAL);
    asked += 1;
    if (found.kind !== 'waiting') break;
    bench.clock.at = new Date(bench.clock.at.getTime() + found.retryAfterMs);
  }
  expect(bench.clock.at.getTime() - lost.endedAt.getTime()).toBe(3_600_000);
  expect(asked).toBeLessThan(100);
});

test('withdrawals, too, come as many in one request as maxObjects says', async () => {
  const bench = await startTaxii({}, { maxObjects: 10 });
  expect(bench.taxii).toMatchObject({ fullLoad: 10, withdrawLoad: 10 });
  expect(bench.again({ maxObjects: 500 }).withdrawLoad).toBe(100);
});
