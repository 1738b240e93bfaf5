import { expect, it } from 'vitest';
import { MISP_STAND_IN } from '../../sandbox/misp/misp-stand-in.ts';
import { askedOf, deliver, SIGNAL, shipmentsOf, startMispBench, statesIn } from './misp-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const refused = (words: string) => ({ kind: 'Refused', message: expect.stringContaining(words) });

it.each([
  ['expired', 'Auth key is expired'],
  ['disabled', 'Your user account has been disabled'],
  ['wrong-address', 'It is not possible to use this Auth key'],
  ['read-only', 'A key may be for reading only'],
])('says what is wrong with a key that is %s', async (key, words) => {
  const bench = await startMispBench({}, { key });
  await expect(deliver(bench, domains(1))).rejects.toMatchObject(refused(words));
  expect(statesIn(bench)).toEqual({});
});

it('says that the key is wrong, and not what it is', async () => {
  const bench = await startMispBench({ apiKey: 'not-the-key' });
  const fault: unknown = await deliver(bench, domains(1)).catch((error: unknown) => error);
  expect(fault).toMatchObject(refused('check the apiKey of the destination'));
  expect(String(fault)).not.toContain('not-the-key');
  expect(JSON.stringify(bench.requests.map(({ url, body }) => [url, body]))).not.toContain('not-the-key');
});

it.each([
  ['add', { adds: false }, {}, 'perm_add'],
  ['tag', { tags: false }, {}, 'perm_tagger: a TLP is a tag'],
  ['publish what is to be published', { publishes: false }, { publish: 'afterBatch' as const }, 'perm_publish'],
  ['make the tags that there are not', { makesTags: false }, {}, 'MISP has no tag tlp:amber'],
])('says before the first write that the role may not %s', async (_what, role, settings, words) => {
  const bench = await startMispBench(settings, { role });
  await expect(deliver(bench, domains(1))).rejects.toMatchObject(refused(words));
  expect(askedOf(bench).filter((one) => one.startsWith('POST') && !one.includes('restSearch'))).toEqual([]);
  bench.server.setFaults({ role: {} });
  expect(await deliver(bench, domains(1))).toMatchObject({ accepted: [1] });
});

it('does without making tags where those of TLP are there, and says what was left out', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, [deliverable(9, 'domain', 'first.example.com')]);
  bench.server.setFaults({ role: { makesTags: false } });
  const other = bench.with({});
  const items = [deliverable(1, 'domain', 'a.example.com', { tags: ['new-tag'] })];
  expect(await deliver(bench, items, other)).toMatchObject({
    accepted: [1],
    notes: [expect.stringContaining('perm_tag_editor')],
  });
  const green = [deliverable(2, 'domain', 'b.example.com', { tlp: 'green' })];
  await expect(deliver(bench, green, other)).rejects.toMatchObject(refused('MISP has no tag tlp:green'));
});

it.each([
  [true, 'lacks the permission to'],
  [false, 'it is another organisation'],
])('leaves an event alone that is another organisation’s (seen: %s)', async (foreignEventsSeen, words) => {
  const bench = await startMispBench({ events: 1 });
  const [shipment] = shipmentsOf(bench.misp, domains(1));
  const event = shipment?.items[0]?.form['event'];
  bench.server.setFaults({ foreignEvents: [event], foreignEventsSeen });
  await expect(deliver(bench, domains(1))).rejects.toMatchObject(refused(words));
  expect(statesIn(bench)).toEqual({});
});

it('says that an event was deleted that MISP blocks now, and makes anew one that it does not', async () => {
  const bench = await startMispBench({ events: 1 });
  await deliver(bench, domains(1));
  const remove = () =>
    bench.server.tip.handle({
      method: 'POST',
      path: `/events/delete/${String(shipmentsOf(bench.misp, domains(1))[0]?.items[0]?.form['event'])}`,
      query: new URLSearchParams(),
      headers: { accept: 'application/json', authorization: MISP_STAND_IN.credentials['apiKey'] ?? '' },
      body: '',
    });
  bench.server.setFaults({ blocklistsDeletedEvents: false });
  await remove();
  expect(await deliver(bench, domains(2))).toMatchObject({ accepted: [1, 2] });
  bench.server.setFaults({ blocklistsDeletedEvents: true });
  await remove();
  await expect(deliver(bench, domains(1))).rejects.toMatchObject(refused('event blocklist'));
});

it('says which setting is wrong with which MISP makes no event', async () => {
  const bench = await startMispBench({ events: 1 });
  bench.answers.after = ({ url }, reply) =>
    url.endsWith('/events/add')
      ? {
          ...reply,
          status: 403,
          text: JSON.stringify({ saved: false, errors: { Event: { sharing_group_id: ['?'] } } }),
        }
      : reply;
  await expect(deliver(bench, domains(1))).rejects.toMatchObject(refused('for its sharing_group_id'));
});

it('sends its key to no other place', async () => {
  const bench = await startMispBench({ events: 1 });
  bench.answers.after = (_request, reply) => ({
    ...reply,
    status: 302,
    headers: { location: 'https://elsewhere.example/' },
  });
  await expect(deliver(bench, domains(1))).rejects.toMatchObject(refused('a redirect, which is not followed'));
  await expect(
    bench.misp.find({ name: '', items: [] }, { sentAfter: new Date(0), endedAt: null }, SIGNAL),
  ).rejects.toThrow();
  expect(bench.requests.every(({ url }) => url.startsWith(bench.server.url))).toBe(true);
});

it('says that the role may not search', async () => {
  const bench = await startMispBench({ events: 1 }, { searches: 0 });
  await expect(deliver(bench, domains(1))).rejects.toMatchObject(refused('API searches are not allowed'));
});
