import { expect, it } from 'vitest';
import type { Deliverable } from '../../destinations/destination.ts';
import {
  asHeld,
  askedOf,
  deliver,
  type MispBench,
  SIGNAL,
  shipmentsOf,
  startMispBench,
  statesIn,
} from './misp-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const host = (id: number, facts: Parameters<typeof deliverable>[3] = {}): Deliverable =>
  deliverable(id, 'domain', `host${id}.example.com`, facts);

/** An attribute that is not ours, in our only event. */
async function addByHand(bench: MispBench, type: string, value: string): Promise<void> {
  const [event] = bench.requests.flatMap(({ url }) => /attributes\/add\/([^/]+)/.exec(url)?.[1] ?? []);
  const { headers = {} } = bench.requests[0] ?? {};
  const body = JSON.stringify({ type, value });
  const reply = await bench.server.tip.handle({
    method: 'POST',
    path: `/attributes/add/${event}`,
    query: new URLSearchParams(),
    headers,
    body,
  });
  expect(reply).toMatchObject({ status: 200 });
}

it('tells of each that is declined, and has the rest', async () => {
  const bench = await startMispBench({ events: 1 }, { filtered: ['host2.example.com'], takenUuids: [] });
  const items = [host(1), host(2), deliverable(3, 'domain', 'no-dot'), host(4)];
  expect(await deliver(bench, items)).toMatchObject({
    accepted: [1, 4],
    rejected: [
      { id: 2, reason: 'MISP declined it: This value is blocked by a regular expression in the import filters.' },
      { id: 3, reason: expect.stringContaining('MISP declined it: Domain has an invalid format.') },
    ],
    unknown: [],
  });
});

it('tells why, when all of a request are declined, or the only one', async () => {
  const bench = await startMispBench({ events: 1 }, { filtered: ['host1.example.com', 'host2.example.com'] });
  expect((await deliver(bench, [host(1), host(2)])).rejected.map(({ id }) => id)).toEqual([1, 2]);
  expect((await deliver(bench, [host(1)])).rejected).toMatchObject([
    { id: 1, reason: expect.stringContaining('import filters') },
  ]);
});

it.each([
  ['is not to be asked', { status: 403, headers: {}, text: '{"message":"You do not have permission"}' }],
  ['answers in another form', { status: 200, headers: {}, text: '"none"' }],
  ['fails', { status: 500, headers: {}, text: '' }],
])('tells of a veto though the warninglist %s', async (_what, reply) => {
  const warninglists = { Resolvers: ['host1.example.com'] };
  const bench = await startMispBench({ events: 1, enforceWarninglist: true }, { warninglists });
  bench.answers.to = ({ url }) => (url.includes('warninglists/') ? reply : null);
  expect(await deliver(bench, [host(1), host(2)])).toMatchObject({
    accepted: [2],
    rejected: [{ id: 1, reason: 'it is in a warninglist of MISP' }],
  });
});

it('names the warninglist that has a veto', async () => {
  const lists = { 'Top 1000 websites': ['host1.example.com'], Resolvers: ['host1.example.com', 'host3.example.com'] };
  const bench = await startMispBench({ events: 1, enforceWarninglist: true }, { warninglists: lists });
  expect(await deliver(bench, [host(1), host(2), host(3)])).toMatchObject({
    accepted: [2],
    rejected: [
      { id: 1, reason: 'it is in a warninglist of MISP: Top 1000 websites, Resolvers' },
      { id: 3, reason: 'it is in a warninglist of MISP: Resolvers' },
    ],
  });
  const lenient = bench.with({ enforceWarninglist: false });
  expect(await deliver(bench, [host(1)], lenient)).toMatchObject({ accepted: [1] });
});

it.each([
  ['a person’s attribute', 'https://example.com/login', 'https://example.com/login'],
  ['one in another case', 'https://example.com/login', 'https://example.com/Login'],
])('does not touch %s of the same value in its event', async (_what, theirs, ours) => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, [host(1)]);
  await addByHand(bench, 'url', theirs);
  bench.later(1_000);
  const outcome = await deliver(bench, [deliverable(2, 'url', ours), host(3)]);
  expect(outcome).toMatchObject({
    accepted: [3],
    rejected: [{ id: 2, reason: expect.stringContaining('an attribute of that value that is not this one') }],
  });
  expect(statesIn(bench)[theirs]).toBe('held');
});

it('says that a uuid is taken where nothing shows by what', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, [host(2)]);
  const [shipment] = shipmentsOf(bench.misp, [host(1)]);
  const asked = bench.requests.length;
  await bench.misp.find(shipment ?? { name: '', items: [] }, { sentAfter: bench.clock.at, endedAt: null }, SIGNAL);
  const { uuid = [] } = JSON.parse(bench.requests[asked]?.body ?? '{}');
  bench.server.setFaults({ takenUuids: uuid });
  expect((await deliver(bench, [host(1)])).rejected).toMatchObject([
    { id: 1, reason: expect.stringContaining('its UUID is taken') },
  ]);
});

it('is no matter of the indicators when MISP declines what all have alike', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, [host(1)]);
  bench.answers.after = ({ url }, reply) =>
    url.includes('attributes/add')
      ? { ...reply, status: 403, text: JSON.stringify({ saved: false, errors: { distribution: ['Options: ...'] } }) }
      : reply;
  await expect(deliver(bench, [host(2)])).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringContaining('distribution: Options'),
  });
});

it('believes no acknowledgement', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, [host(1)]);
  bench.answers.to = ({ url }) =>
    url.includes('attributes/add') ? { status: 200, headers: {}, text: '{"Attribute":[]}' } : null;
  expect(await deliver(bench, [host(2)])).toMatchObject({
    accepted: [],
    unknown: [{ id: 2, reason: 'MISP took it in, and does not show it', isAbsent: true }],
  });
});

it('does not fight over what a person has changed', async () => {
  const bench = await startMispBench({ events: 1 });
  const before = await deliver(bench, domains(3));
  const act = (path: string, body: object) =>
    bench.server.tip.handle({
      method: 'POST',
      path,
      query: new URLSearchParams(),
      headers: bench.requests[0]?.headers ?? {},
      body: JSON.stringify(body),
    });
  await act('/attributes/delete/1', {});
  await act('/attributes/edit/2', { to_ids: 0 });
  await act('/attributes/edit/3', { value: 'corrected.example.com' });
  bench.later(1_000);
  const changed = domains(3, { confidence: 95 }).map((item) => asHeld(item, before));
  const reason = expect.stringContaining('a person has deleted it at MISP, or taken it out of detection');
  expect(await deliver(bench, changed)).toMatchObject({
    accepted: [],
    rejected: [
      { id: 1, reason, byReviewer: true },
      { id: 2, reason, byReviewer: true },
    ],
    unknown: [{ id: 3, reason: 'MISP holds another value under its UUID' }],
  });
  expect(Object.values(statesIn(bench))).toEqual(['gone', 'gone', 'held']);
  // It would be no other one if it were sent again.
  const since = bench.requests.length;
  await deliver(bench, changed);
  expect(askedOf(bench, since).filter((one) => !one.includes('restSearch'))).toEqual([]);
});

it('has a sentence where tags are left out in silence', async () => {
  const bench = await startMispBench({ events: 1 }, { foreignTags: ['of-another', 'tlp:green'] });
  const items = [host(1, { tags: ['of-another'] }), host(2, { tlp: 'green' })];
  expect(await deliver(bench, items)).toMatchObject({
    accepted: [1],
    unknown: [{ id: 2, reason: 'MISP left out its tag tlp:green: see who may set that', isAbsent: true }],
    notes: [expect.stringContaining('MISP left out 1 of the tags')],
  });
});
