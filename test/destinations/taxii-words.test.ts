import { expect, test } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import { deliver, rendered, SERVERS, SIGNAL, shipmentOf, startTaxii } from './taxii-bench.ts';
import { deliverable } from './threatstream-indicators.ts';

const VALUE = "http://Evil.example/it's";
const item = deliverable(1, 'url', VALUE);

/** As servers quote what they were sent: escaped, in another case, in part. */
const QUOTING = [
  "Invalid pattern [url:value = 'http://Evil.example/it\\'s']",
  'EVIL.EXAMPLE is not a host',
  'Not valid: "http:\\/\\/evil.example\\/it\\u0027s"',
  'Unknown scheme of evil.example/it',
];

test.each(SERVERS.flatMap((server) => QUOTING.map((words) => [server, words] as const)))(
  'what a server like %s says of a request is shown without what it quotes: %s',
  async (duplicates, description) => {
    const bench = await startTaxii({ duplicates });
    bench.answers.before = ({ method, body = '' }) =>
      method === 'POST' && body.includes('"indicator"')
        ? { status: 422, headers: {}, text: JSON.stringify({ title: 'Error', description }) }
        : null;
    const fault: unknown = await bench.taxii
      .bring(shipmentOf(rendered(bench.taxii, [item])), SIGNAL)
      .catch((error: unknown) => error);
    if (!(fault instanceof Fault)) expect.fail('It was not declined.');
    expect(fault.kind).toBe('Rejected');
    expect(fault.message).not.toMatch(/evil|it\\?.s/i);
  },
);

test.each(QUOTING)('what its status says of one is shown without what it quotes: %s', async (failMessage) => {
  const bench = await startTaxii({ failValues: [VALUE], failMessage });
  const { unknown } = await deliver(bench, [item]);
  expect(unknown).toHaveLength(1);
  expect(JSON.stringify(unknown)).not.toMatch(/evil/i);
});

test('plain words are shown', async () => {
  const bench = await startTaxii({ failValues: [VALUE], failMessage: 'The pattern is too long for this collection.' });
  expect((await deliver(bench, [item])).unknown).toEqual([
    { id: 1, reason: expect.stringContaining('The pattern is too long for this collection.'), isAbsent: true },
  ]);
});
