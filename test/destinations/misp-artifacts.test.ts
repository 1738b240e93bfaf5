import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { selectSection } from '../../destinations/misp/select-section.ts';
import { Fault } from '../../indicators/fault.ts';
import { type ArtifactsBench, AT, readAll, refsOf, startArtifactsBench } from './misp-artifacts-bench.ts';
import { deliver, startMispBench } from './misp-bench.ts';
import { deliverable } from './threatstream-indicators.ts';

const SIGNAL = new AbortController().signal;
const EVENT = '7b1f9a52-9c0e-4d8b-9a5e-0a8f7c3c1d01';
const ODD_EVENT = '7b1f9a52-9c0e-4d8b-9a5e-0a8f7c3c1d02';

function domains(count: number, more: (index: number) => object = () => ({})): object[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'domain',
    value: `host${String(index).padStart(3, '0')}.example`,
    ...more(index),
  }));
}

/** One of each that a selection tells apart. */
async function filled(): Promise<ArtifactsBench> {
  const bench = await startArtifactsBench();
  bench.put([
    { type: 'domain', value: 'plain.example' },
    { type: 'domain', value: 'own.example', owner: 'own' },
    { type: 'ip-dst', value: '192.0.2.1', tags: [{ name: 'botnet' }] },
    { type: 'url', value: 'https://event.example/a', event: EVENT },
    { type: 'hostname', value: 'unpublished.example', published: false },
    { type: 'email-dst', value: 'a@off.example', toIds: false },
    { type: 'text', value: 'Nothing of ours' },
  ]);
  return bench;
}

const ALL = [
  '192.0.2.1',
  'a@off.example',
  'https://event.example/a',
  'own.example',
  'plain.example',
  'unpublished.example',
];
/** After one for each owner. */
const EVENT_ID = 3;

describe('a selection', () => {
  it.each([
    ['nothing: all that have a host, and hashes', {}, ALL],
    ['a tag, whatever its case', { tags: ['BOTNET', 'other'] }, ['192.0.2.1']],
    ['an event by its uuid', { events: [EVENT.toUpperCase()] }, ['https://event.example/a']],
    ['events by their ids', { events: [EVENT_ID, '99'] }, ['https://event.example/a']],
    ['types', { types: ['hostname' as const, 'ip-dst' as const] }, ['192.0.2.1', 'unpublished.example']],
    ['what is published', { published: true }, ALL.filter((value) => value !== 'unpublished.example')],
    ['what is not', { published: false }, ['unpublished.example']],
    ['what is for detection', { toIds: true }, ALL.filter((value) => value !== 'a@off.example')],
    ['what is not', { toIds: false }, ['a@off.example']],
    ['what is our own', { ownOnly: true }, ['own.example']],
    ['two things', { tags: ['botnet'], ownOnly: true }, []],
  ])('by %s', async (_what, select, values) => {
    const bench = await filled();
    expect((await readAll(bench.store(select))).values).toEqual(values);
  });

  it('tells what is wrong with it, and knows its defaults', () => {
    expect(selectSection.safeParse({ tags: ['!botnet'] }).success).toBe(false);
    expect(selectSection.safeParse({ events: ['name of an event'] }).success).toBe(false);
    expect(selectSection.safeParse({ types: [] }).success).toBe(false);
    expect(selectSection.safeParse({ type: ['domain'] }).success).toBe(false);
    expect(selectSection.parse({})).toMatchObject({ tags: [], events: [], ownOnly: false });
  });

  it('that MISP declines is refused, and says where it is set', async () => {
    const bench = await filled();
    bench.answers.to = ({ url }) =>
      url.endsWith('/restSearch') ? { status: 400, headers: {}, text: '{"message":"Invalid filter."}' } : null;
    const reading = readAll(bench.store({ tags: ['x'] }));
    await expect(reading).rejects.toMatchObject({ kind: 'Refused', message: expect.stringContaining('select') });
  });
});

describe('what is read of an attribute', () => {
  it.each([
    ['ip-src', '192.0.2.7', 'ipv4', '192.0.2.7'],
    ['ip-dst', '2001:db8::7', 'ipv6', '2001:db8::7'],
    ['ip-dst|port', '192.0.2.7|8080', 'ipv4', '192.0.2.7'],
    ['ip-src|port', '2001:db8::7|8080', 'ipv6', '2001:db8::7'],
    ['domain|ip', 'two.example|192.0.2.7', 'domain', 'two.example'],
    ['hostname|port', 'www.example|443', 'domain', 'www.example'],
    ['url', 'https://one.example/a|b', 'url', 'https://one.example/a|b'],
    ['email', 'a@one.example', 'email', 'a@one.example'],
    ['filename|sha256', `a|b.exe|${'ab'.repeat(32)}`, 'hash', 'ab'.repeat(32)],
    ['md5', 'ab'.repeat(16), 'hash', 'ab'.repeat(16)],
  ])('of type %s', async (type, shown, is, value) => {
    const bench = await startArtifactsBench();
    const [remoteId] = bench.put([{ type, value: shown }]);
    const { artifacts } = await readAll(bench.store());
    expect(artifacts[0]).toEqual({ remoteId, type: is, value, isOurs: false, marks: [], score: null });
  });

  it('are its local tags as we write them, and whose it is', async () => {
    const bench = await startArtifactsBench();
    bench.put([
      {
        type: 'domain',
        value: 'own.example',
        owner: 'own',
        tags: [
          { name: 'MDTI:Score="75-89"', local: true },
          { name: 'Seen', local: true },
          { name: 'mdti:classification="malicious"' },
        ],
      },
    ]);
    const { artifacts } = await readAll(bench.store());
    expect(artifacts[0]).toMatchObject({ isOurs: true, marks: ['mdti:score="75-89"', 'Seen'] });
  });

  it('are tags that are not to leave the instance, too', async () => {
    const bench = await startArtifactsBench({ unexportedTags: ['mdti:score="75-89"'] });
    bench.put([{ type: 'domain', value: 'a.example', tags: [{ name: 'mdti:score="75-89"', local: true }] }]);
    expect((await readAll(bench.store())).artifacts[0]?.marks).toEqual(['mdti:score="75-89"']);
  });

  it('leaves out and counts what this product has brought, for whichever deployment', async () => {
    const delivering = await startMispBench({ events: 1 });
    await deliver(delivering, [deliverable(1, 'domain', 'delivered.example')]);
    await deliver(
      delivering,
      [deliverable(1, 'domain', 'other-deployment.example')],
      delivering.with({}, '99999999-2222-3333-4444-555555555555'),
    );
    const bench = await startArtifactsBench({}, JSON.parse(JSON.stringify(delivering.server.tip.snapshot())));
    const event = bench.server.tip.controls.holdings()[0]?.event;
    bench.put([{ type: 'domain', value: 'beside.example', owner: 'own', event }]);
    const { values, pages } = await readAll(bench.store());
    expect(values).toEqual(['beside.example']);
    expect(pages[0]).toMatchObject({ delivered: [expect.any(String), expect.any(String)], unreadable: 0 });
    const found = await bench.store().holding(['delivered.example', 'beside.example'], SIGNAL);
    expect(found.map(({ value }) => value)).toEqual(['beside.example']);
  });

  it('may be nothing of one that is odd, which is counted and keeps nobody from the others', async () => {
    const bench = await startArtifactsBench();
    bench.put([...domains(3), { type: 'url', value: 'https://odd.example', event: ODD_EVENT }]);
    bench.answers.after = (_request, reply) => ({
      ...reply,
      text: reply.text.replaceAll('"value":"https://odd.example"', '"value":null'),
    });
    const { values, pages } = await readAll(bench.store());
    expect(values).toHaveLength(3);
    expect(pages.every(({ unreadable }) => unreadable === 1)).toBe(true);
  });
});

describe('pages', () => {
  it('show each at least once, whatever was stored in one second, and go on from any of them', async () => {
    const bench = await startArtifactsBench();
    // Far more in one second than a page has, and one that is a page exactly.
    bench.put(
      domains(60, (index) => ({ timestamp: AT - 7_200 + (index < 10 ? index : index < 40 ? 100 : 200 + index) })),
    );
    bench.put(
      Array.from({ length: 7 }, (_, index) => ({ type: 'ip-dst', value: `192.0.2.${index}`, timestamp: AT - 3_600 })),
    );
    const store = bench.store({}, { maxObjects: 7 });
    const { values, pages, position } = await readAll(store);
    expect(values).toHaveLength(67);
    expect(pages.length).toBeLessThan(30);
    expect(Math.max(...pages.map(({ artifacts }) => artifacts.length))).toBe(7);
    expect(position).toBe(String(AT - 3_600 - 900));
    for (const [index, page] of pages.entries()) {
      const rest = new Set(pages.slice(index + 1).flatMap(({ artifacts }) => artifacts.map(({ value }) => value)));
      const { values: again } = await readAll(bench.store({}, { maxObjects: 7 }), page.position);
      expect(again).toEqual(expect.arrayContaining([...rest]));
    }
  });

  it('show what has changed since a position, and what changes while they are read', async () => {
    const bench = await startArtifactsBench();
    const [first = ''] = bench.put(domains(20, () => ({ timestamp: AT - 86_400 })));
    const { position } = await readAll(bench.store());
    bench.later(3_600);
    bench.server.tip.controls.retag({ uuid: first, add: [{ name: 'tlp:red' }] });
    bench.put([{ type: 'domain', value: 'new.example' }]);
    const next = await readAll(bench.store(), position);
    expect(next.values).toEqual(expect.arrayContaining(['host000.example', 'new.example']));
    const asked = bench.requests.length;
    const later = await readAll(bench.store(), next.position);
    expect(later.values).toEqual(['host000.example', 'new.example']);
    expect(bench.requests.slice(asked).filter(({ url }) => url.endsWith('/restSearch'))).toHaveLength(3);
    const small = bench.store({}, { maxObjects: 5 });
    const met: string[] = [];
    for await (const page of small.pages(null, SIGNAL)) {
      if (met.length === 0) bench.put([{ type: 'domain', value: 'meanwhile.example' }]);
      met.push(...page.artifacts.map(({ value }) => value));
    }
    expect(met).toContain('meanwhile.example');
  });

  it('pass over nothing when some are deleted while they are read', async () => {
    const bench = await startArtifactsBench();
    const uuids = bench.put(domains(40, (index) => ({ timestamp: AT - 9_000 + index })));
    const met = new Set<string>();
    let page = 0;
    for await (const { artifacts } of bench.store({}, { maxObjects: 10 }).pages(null, SIGNAL)) {
      for (const { value } of artifacts) met.add(value);
      if (page === 0) bench.server.tip.controls.delete({ uuids: uuids.slice(0, 8) });
      page += 1;
    }
    expect(met.size).toBe(40);
    expect((await readAll(bench.store())).values).toHaveLength(32);
  });

  it('go no further than now for times that are still to come', async () => {
    const bench = await startArtifactsBench();
    bench.put([...domains(2), { type: 'domain', value: 'future.example', timestamp: AT + 1_000_000 }]);
    const { position } = await readAll(bench.store());
    expect(position).toBe(String(AT - 900));
    bench.later(60);
    bench.put([{ type: 'domain', value: 'new.example' }]);
    expect((await readAll(bench.store(), position)).values).toContain('new.example');
  });

  it.each([true, false])('are complete whether MISP keeps the order that is asked for or not: %s', async (kept) => {
    const bench = await startArtifactsBench({ ordersSearches: kept });
    bench.put(domains(30, (index) => ({ timestamp: AT - 5_000 - index * 10 })));
    const { values, position, pages } = await readAll(bench.store({}, { maxObjects: 7 }));
    expect(values).toHaveLength(30);
    expect(position).toBe(String(AT - 5_900));
    if (!kept) expect(pages[0]?.position).toBe('0');
    const again = await readAll(bench.store({}, { maxObjects: 7 }), String(AT - 5_050));
    expect(again.values).toEqual(domains(6).map((one) => z.object({ value: z.string() }).parse(one).value));
  });

  it('are none where there is nothing, and nothing is taken from an answer that fails', async () => {
    const bench = await startArtifactsBench();
    expect(await readAll(bench.store())).toMatchObject({ pages: [], position: null });
    bench.put(domains(30, (index) => ({ timestamp: AT - 5_000 + index })));
    let searches = 0;
    bench.answers.to = ({ url }) => {
      if (!url.endsWith('/restSearch')) return null;
      searches += 1;
      return searches < 3 ? null : { status: 500, headers: {}, text: '' };
    };
    const met: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const page of bench.store({}, { maxObjects: 7 }).pages(null, SIGNAL)) met.push(page.artifacts.length);
    };
    await expect(reading()).rejects.toBeInstanceOf(Fault);
    expect(met).toEqual([7, 7]);
  });

  it.each([
    ['a list where there should be more', '{"response":[{}]}'],
    ['a text', '{"response":"x"}'],
    ['no time', '{"response":{"Attribute":[{"value":"x"}]}}'],
  ])('are a fault of an answer with %s', async (_what, text) => {
    const bench = await startArtifactsBench();
    bench.answers.to = ({ url }) => (url.endsWith('/restSearch') ? { status: 200, headers: {}, text } : null);
    await expect(readAll(bench.store())).rejects.toMatchObject({ kind: 'Unavailable' });
  });
});

describe('those with a value', () => {
  it('are found whatever is selected, by the half that counts, and no pattern is one', async () => {
    const bench = await startArtifactsBench();
    bench.put([
      { type: 'domain', value: 'one.example' },
      { type: 'hostname', value: 'one.example', owner: 'own' },
      { type: 'domain|ip', value: 'two.example|192.0.2.1' },
      { type: 'ip-dst|port', value: '192.0.2.1|80' },
      { type: 'text', value: 'one.example' },
      { type: 'url', value: '!https://a.example/?x=1&&y=2' },
    ]);
    const store = bench.store({ tags: ['other'] }, { maxObjects: 2 });
    const holding = async (...values: string[]) =>
      (await store.holding(values, SIGNAL)).map(({ value, type }) => `${type} ${value}`).toSorted();
    expect(await holding('ONE.example', '192.0.2.1', 'absent.example')).toEqual([
      'domain one.example',
      'domain one.example',
      'ipv4 192.0.2.1',
    ]);
    expect(await holding('!https://a.example/?x=1&&y=2')).toHaveLength(1);
    expect(await holding('%', '%example', 'one.%', '')).toEqual([]);
    expect(await holding()).toEqual([]);
  });
});

describe('a look', () => {
  it('shows them as they are now, and leaves out what is there no more', async () => {
    const bench = await startArtifactsBench();
    const [one = '', two = '', hidden = ''] = bench.put([
      ...domains(2),
      { type: 'domain', value: 'c.example', event: EVENT },
      { type: 'domain', value: 'unasked.example', event: EVENT },
    ]);
    bench.server.tip.controls.delete({ uuids: [two] });
    bench.server.setFaults({ foreignEvents: [EVENT], foreignEventsSeen: false });
    const found = await bench.store({ ownOnly: true }).look(refsOf([one, two, hidden]), SIGNAL);
    expect([...found.keys()]).toEqual([]);
    bench.server.setFaults({ foreignEventsSeen: true });
    const seen = await bench.store().look(refsOf([one, two, hidden, EVENT]), SIGNAL);
    expect([...seen].map(([id, { value }]) => [id, value])).toEqual([
      [one, 'host000.example'],
      [hidden, 'c.example'],
    ]);
    const asked = bench.requests.length;
    expect((await bench.store().look([], SIGNAL)).size).toBe(0);
    expect(bench.requests.slice(asked).some(({ url }) => url.endsWith('/restSearch'))).toBe(false);
  });

  it('takes none for gone that cannot be read', async () => {
    const bench = await startArtifactsBench();
    const uuids = bench.put(domains(2));
    bench.answers.after = (_request, reply) => ({ ...reply, text: reply.text.replace('"type":"domain"', '"type":7') });
    await expect(bench.store().look(refsOf(uuids), SIGNAL)).rejects.toMatchObject({ kind: 'Unavailable' });
  });
});
