import { expect, it } from 'vitest';
import type { Deliverable } from '../../destinations/destination.ts';
import type { Verdict } from '../../indicators/reputation.ts';
import { asHeld, askedOf, deliver, startMispBench, statesIn } from './misp-bench.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';

const SCORED: Verdict = {
  kind: 'scored',
  score: 88,
  classification: 'malicious',
  rules: [{ name: 'Known C2', description: '', severity: 'high', relatedDetailsUrl: null }],
};

it('brings one of each type, with what an analyst needs to see', async () => {
  const bench = await startMispBench({ events: 1 });
  const items = [deliverable(1, 'ipv4', '198.51.100.1', { verdict: SCORED }), ...oneOfEach().slice(1)];
  const outcome = await deliver(bench, items);
  expect(outcome).toMatchObject({ accepted: [1, 2, 3, 4, 5, 6, 7, 8], rejected: [], unknown: [], notes: [''] });
  expect(Object.values(statesIn(bench))).toEqual(oneOfEach().map(() => 'held'));
  const [shown] = await attributes(bench, '198.51.100.1');
  expect(shown).toMatchObject({
    type: 'ip-dst',
    category: 'Network activity',
    toIds: true,
    distribution: '5',
    comment:
      'MDTI score 88 of 100, malicious. Rules: Known C2 (high). Threat: malware. Ends 2027-01-10T08:30:00Z. Source: Microsoft Defender Threat Intelligence.',
    firstSeen: '2026-11-01T00:00:00.000000+00:00',
    lastSeen: '2027-01-10T08:30:00.000000+00:00',
  });
  expect(snapshotOf(bench).tags).toEqual([
    'activitygroup:storm-0000',
    'mdti:classification="malicious"',
    'mdti:score="75-89"',
    'mdti:threat="malware"',
    'tlp:amber',
  ]);
  expect(snapshotOf(bench).events).toMatchObject([{ distribution: '0', published: false }]);
});

it('makes an event for each bucket once, and looks for all that goes side by side in one search', async () => {
  const bench = await startMispBench({ events: 8 });
  await deliver(bench, domains(100));
  const asked = askedOf(bench);
  const count = (what: string): number => asked.filter((one) => one === what).length;
  expect(count('POST attributes/restSearch')).toBeLessThanOrEqual(2 + 8);
  expect(count('GET users/view')).toBe(1);
  expect(count('POST events/add')).toBe(8);
  const since = bench.requests.length;
  await deliver(bench, domains(200).slice(100));
  expect(askedOf(bench, since).filter((one) => one.startsWith('POST events'))).toEqual([]);
  expect(bench.server.tip.counts()).toMatchObject({ holds: 200, duplicates: 0 });
});

it('writes nothing of what is there as it is to be', async () => {
  const bench = await startMispBench({ events: 2 });
  const outcome = await deliver(bench, domains(20));
  const since = bench.requests.length;
  const again = domains(20).map((item) => asHeld(item, outcome));
  expect(await deliver(bench, again)).toMatchObject({ accepted: outcome.accepted });
  expect(await deliver(bench, domains(20))).toMatchObject({ accepted: outcome.accepted });
  expect(new Set(askedOf(bench, since))).toEqual(new Set(['POST attributes/restSearch']));
  expect(bench.server.tip.counts()).toMatchObject({ holds: 20, duplicates: 0, updates: 0 });
});

it('changes what is there by its uuid: comment, times, tags, and nothing that is not ours', async () => {
  const bench = await startMispBench({ events: 1 });
  const before = await deliver(bench, [deliverable(1, 'domain', 'a.example.com', { tags: ['of-before', 'of-both'] })]);
  await bench.server.tip.handle(call(bench, '/attributes/edit/1', { category: 'External analysis' }));
  await bench.server.tip.handle(call(bench, '/tags/attachTagToObject', { uuid: uuidIn(bench), tag: 'by-a-person' }));
  bench.later(1_000);
  const item = deliverable(1, 'domain', 'a.example.com', {
    tags: ['of-both', 'of-now'],
    tlp: 'green',
    validUntil: null,
    confidence: 90,
  });
  const since = bench.requests.length;
  expect(await deliver(bench, [asHeld(item, before)])).toMatchObject({ accepted: [1], notes: [''] });
  expect(askedOf(bench, since).filter((one) => !one.includes('restSearch'))).toEqual(['POST events/edit']);
  expect(snapshotOf(bench).tags).toEqual(['by-a-person', 'mdti:threat="malware"', 'of-both', 'of-now', 'tlp:green']);
  expect(await attributes(bench, 'a.example.com')).toMatchObject([
    { category: 'External analysis', comment: expect.stringContaining('Confidence 90'), deleted: false },
  ]);
  expect(bench.server.tip.counts()).toMatchObject({ holds: 1, duplicates: 0 });
});

const ODD: readonly Deliverable[] = [
  deliverable(1, 'url', `https://example.com/${'x'.repeat(8_172)}`),
  deliverable(2, 'url', 'https://example.com/%2F?q=a,"b"\';c&&d=%'),
  deliverable(3, 'url', 'https://example.com/\u{1F600}'),
  deliverable(4, 'domain', 'b\u00FCcher.example'),
  deliverable(5, 'ipv6', '2001:db8:0:0:0:0:0:1'),
  deliverable(6, 'url', 'hxxps://a[.]example.com/caf\u00E9'),
  deliverable(7, 'email', "O'Neil@Example.com"),
  deliverable(8, 'domain', 'a.example.com', {
    tags: ['=1+1', 'a "quoted", one', 'ünïcode \u{1F600}', 'X'.repeat(300), 'Same', 'same', '  '],
    description: 'Line one\r\n  line two \u{1F600} <b>&amp;</b> %',
  }),
];

it('brings odd values once, and finds them again as MISP writes them', async () => {
  const bench = await startMispBench({ events: 1 });
  expect(await deliver(bench, ODD)).toMatchObject({ accepted: [1, 2, 3, 4, 5, 6, 7, 8], unknown: [], notes: [''] });
  const since = bench.requests.length;
  await deliver(bench, ODD);
  expect(new Set(askedOf(bench, since))).toEqual(new Set(['POST attributes/restSearch']));
  expect(bench.server.tip.counts()).toMatchObject({ holds: 8, duplicates: 0, updates: 0 });
});

it('stays in the event where it is when there are to be more events', async () => {
  const bench = await startMispBench({ events: 2 });
  const before = await deliver(bench, domains(10));
  const more = bench.with({ events: 4 });
  const known = domains(10).map((item) => asHeld(item, before));
  expect(known.map((item) => more.render(item).hash)).toEqual(known.map((item) => bench.misp.render(item).hash));
  const changed = domains(10, { confidence: 90 });
  bench.later(1_000);
  // Also where the ledger has forgotten what was held.
  const outcome = await deliver(
    bench,
    [...changed.slice(0, 5).map((item) => asHeld(item, before)), ...changed.slice(5)],
    more,
  );
  expect(outcome.accepted).toHaveLength(10);
  expect(snapshotOf(bench).events).toHaveLength(2);
  await deliver(bench, domains(20).slice(10), more);
  expect(snapshotOf(bench).events).toHaveLength(6);
  expect(bench.server.tip.counts()).toMatchObject({ holds: 20, duplicates: 0, updates: 10 });
});

it('says whom the events are for', async () => {
  const bench = await startMispBench({ events: 1, distribution: 'sharing-group', sharingGroup: 7 });
  await deliver(bench, domains(1));
  const made = bench.requests.find(({ url }) => url.endsWith('/events/add'));
  expect(JSON.parse(made?.body ?? '')).toMatchObject({ Event: { distribution: 4, sharing_group_id: 7 } });
});

it('never asks for an empty list of uuids', async () => {
  const bench = await startMispBench();
  const nothing = { name: 'nothing', items: [] };
  const lost = { sentAfter: new Date(0), endedAt: null };
  expect(await bench.misp.find(nothing, lost, AbortSignal.timeout(10_000))).toEqual({ kind: 'absent' });
  expect(await bench.misp.confirm(nothing, {}, AbortSignal.timeout(10_000))).toMatchObject({ kind: 'settled' });
  expect(await bench.misp.withdraw([], AbortSignal.timeout(10_000))).toMatchObject({ withdrawn: [] });
  expect(askedOf(bench)).toEqual(['GET servers/getVersion']);
});

type Bench = Awaited<ReturnType<typeof startMispBench>>;

interface Saved {
  readonly events: readonly object[];
  readonly attributes: readonly { readonly value: string; readonly uuid: string; readonly tags: { id: number }[] }[];
  readonly tags: readonly { readonly id: number; readonly name: string }[];
}

function saved({ server }: Bench): Saved {
  return JSON.parse(JSON.stringify(server.tip.snapshot()));
}

/** The events, and the tags of the first attribute. */
function snapshotOf(bench: Bench) {
  const { events, attributes: all, tags } = saved(bench);
  const ids = new Set(all[0]?.tags.map(({ id }) => id));
  return { events, tags: tags.flatMap(({ id, name }) => (ids.has(id) ? [name] : [])).sort() };
}

function uuidIn(bench: Bench): string {
  return saved(bench).attributes[0]?.uuid ?? '';
}

async function attributes(bench: Bench, value: string): Promise<readonly object[]> {
  return saved(bench).attributes.filter((one) => one.value === value);
}

function call({ requests }: Bench, path: string, body: object) {
  const { authorization = '' } = requests[0]?.headers ?? {};
  return {
    method: 'POST',
    path,
    query: new URLSearchParams(),
    headers: { authorization, accept: 'application/json' },
    body: JSON.stringify(body),
  };
}
