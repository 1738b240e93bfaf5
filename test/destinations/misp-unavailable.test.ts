import { expect, it } from 'vitest';
import { send } from '../../destinations/send.ts';
import { Fault } from '../../indicators/fault.ts';
import { askedOf, deliver, SIGNAL, shipmentsOf, startMispBench, statesIn } from './misp-bench.ts';
import { domains } from './threatstream-indicators.ts';

it('waits as long as MISP’s own limit of searches says', async () => {
  const bench = await startMispBench({ events: 1 }, { searches: 2 });
  await deliver(bench, domains(1));
  bench.later(10_000);
  await expect(deliver(bench, domains(2))).rejects.toMatchObject({ kind: 'Throttled', retryAfterMs: 890_000 });
  expect(bench.throttled).toEqual([890_000]);
  bench.later(890_000);
  expect(await deliver(bench, domains(2))).toMatchObject({ accepted: [1, 2] });
});

it.each([
  ['an HTML page', { status: 200, headers: { 'content-type': 'text/html' }, text: '<html></html>' }],
  ['JSON of another form', { status: 200, headers: {}, text: '{"response":{"Attribute":[{"uuid":7}]}}' }],
  ['a 502', { status: 502, headers: {}, text: '' }],
])('takes %s for no answer', async (_what, reply) => {
  const bench = await startMispBench({ events: 1 });
  bench.answers.to = ({ url }) => (url.includes('restSearch') ? reply : null);
  await expect(deliver(bench, domains(1))).rejects.toMatchObject({ kind: 'Unavailable' });
});

it('finds that there is nothing in a list that is none', async () => {
  const bench = await startMispBench({ events: 1 });
  let asked = 0;
  bench.answers.to = ({ url }) => {
    asked += url.includes('restSearch') ? 1 : 0;
    return url.includes('restSearch') && asked === 1 ? { status: 200, headers: {}, text: '{"response":[]}' } : null;
  };
  expect(await deliver(bench, domains(1))).toMatchObject({ accepted: [1] });
});

it('has too many at once divided, and not taken for away', async () => {
  const bench = await startMispBench({ events: 1 }, { mostAttributes: 2 });
  await expect(deliver(bench, domains(3))).rejects.toMatchObject({
    kind: 'TooLarge',
    message: 'MISP answered 503 to a request with 3 attributes, and answers others.',
  });
  expect(statesIn(bench)).toEqual({});
  expect(await deliver(bench, domains(2))).toMatchObject({ accepted: [1, 2] });
});

it('takes nobody’s word for it that too many were not taken in', async () => {
  const bench = await startMispBench({ events: 1 }, { mostAttributes: 2, tooManyAre: 'taken' });
  expect(await deliver(bench, domains(5))).toMatchObject({ accepted: [1, 2, 3, 4, 5] });
  expect(bench.server.tip.counts()).toMatchObject({ holds: 5, duplicates: 0 });
});

it('takes a request that nobody answers in time for too large, where it has several and MISP answers others', async () => {
  const bench = await startMispBench({ events: 1 });
  bench.answers.to = ({ url }) => {
    if (url.includes('attributes/add')) throw new Fault('Unavailable', 'No answer in time.', { timedOut: true });
    return null;
  };
  await expect(deliver(bench, domains(2))).rejects.toMatchObject({ kind: 'TooLarge' });
  await expect(deliver(bench, domains(1))).rejects.toMatchObject({ kind: 'Unavailable' });
});

it('says of an event that is too full what helps, and new events do', async () => {
  const bench = await startMispBench({ events: 1, fullEvent: 3 });
  await deliver(bench, domains(3));
  bench.server.setFaults({ mostInEvent: 2 });
  await expect(deliver(bench, domains(4))).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringContaining('which has 3 attributes: raise events'),
  });
  expect(await deliver(bench, domains(4), bench.with({ events: 8 }))).toMatchObject({ accepted: [1, 2, 3, 4] });
  // For what is in it already, they do not.
  const changed = domains(1, { confidence: 95 });
  await expect(deliver(bench, changed, bench.with({ events: 8 }))).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringContaining('set aside once fullEvent is raised'),
  });
  await expect(deliver(bench, changed, bench.with({ fullEvent: 4 }))).rejects.toMatchObject({ kind: 'Unavailable' });
});

it('has a request divided at which MISP fails while it answers others, and takes that of one for no answer', async () => {
  const bench = await startMispBench({ events: 1 }, { broken: ['host0.example.com'] });
  await expect(deliver(bench, domains(3))).rejects.toMatchObject({ kind: 'TooLarge' });
  await expect(deliver(bench, domains(1))).rejects.toMatchObject({ kind: 'Unavailable' });
  bench.answers.to = ({ url }) =>
    url.includes('events/restSearch') ? { status: 500, headers: {}, text: '{"message":"Error"}' } : null;
  await expect(deliver(bench, domains(3))).rejects.toMatchObject({ kind: 'Unavailable' });
});

it('finds what was taken in, and sends again only what was not', async () => {
  const bench = await startMispBench({ events: 1 });
  const [all] = shipmentsOf(bench.misp, domains(4));
  const [some] = shipmentsOf(bench.misp, domains(2));
  if (all === undefined || some === undefined) throw new Error('There is one of each.');
  const lost = { sentAfter: bench.clock.at, endedAt: null };
  expect(await bench.misp.find(all, lost, SIGNAL)).toEqual({ kind: 'absent' });
  await send(bench.misp, some, SIGNAL);
  expect(await bench.misp.find(some, lost, SIGNAL)).toMatchObject({ kind: 'found' });
  expect(await bench.misp.find(all, lost, SIGNAL)).toEqual({ kind: 'absent' });
  const since = bench.requests.length;
  await send(bench.misp, all, SIGNAL);
  const added = bench.requests.slice(since).find(({ url }) => url.includes('attributes/add'));
  expect(JSON.parse(added?.body ?? '')).toHaveLength(2);
  expect(bench.server.tip.counts()).toMatchObject({ holds: 4, duplicates: 0, updates: 0 });
});

it('leaves only once its turn has come, and at the first write', async () => {
  const bench = await startMispBench({ events: 1 });
  const [shipment] = shipmentsOf(bench.misp, domains(1));
  const left: string[][] = [];
  await send(bench.misp, shipment ?? { name: '', items: [] }, SIGNAL, async () => {
    left.push(askedOf(bench));
  });
  expect(left.map((asked) => asked.toSorted())).toEqual([['GET users/view', 'POST attributes/restSearch']]);
});

it('waits for what does not show yet, as long as the settings say', async () => {
  const bench = await startMispBench({ events: 1, confirmFor: 60_000, confirmPoll: 700 });
  const [shipment] = shipmentsOf(bench.misp, domains(1));
  if (shipment === undefined) throw new Error('There is one.');
  const receipt = await send(bench.misp, shipment, SIGNAL);
  bench.answers.to = ({ url }) =>
    url.includes('restSearch') ? { status: 200, headers: {}, text: '{"response":{"Attribute":[]}}' } : null;
  expect(await bench.misp.confirm(shipment, receipt, SIGNAL)).toEqual({ kind: 'waiting', retryAfterMs: 700 });
  bench.later(60_000);
  expect(await bench.misp.confirm(shipment, receipt, SIGNAL)).toMatchObject({ kind: 'settled', accepted: [] });
});
