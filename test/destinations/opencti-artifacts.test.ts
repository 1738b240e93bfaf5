import { describe, expect, test } from 'vitest';
import { openCtiSelect } from '../../destinations/opencti/artifact-select.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { faultFrom } from '../http/fault-from.ts';
import { ip, pagesOf, readAll, startArtifacts, valuesOf } from './opencti-artifacts-bench.ts';
import { SIGNAL } from './opencti-bench.ts';

const MALICIOUS = ['mdti:malicious', 'mdti-score:75-89'];

const answered = (body: object): HttpReply => ({ status: 200, headers: {}, text: JSON.stringify(body) });
const isList = ({ body }: HttpRequest): boolean => (body ?? '').includes('query Selected');
const pageWith = (...nodes: readonly unknown[]): HttpReply =>
  answered({
    data: {
      stixCyberObservables: {
        pageInfo: { hasNextPage: false, endCursor: '', globalCount: nodes.length },
        edges: nodes.map((node) => ({ node })),
      },
    },
  });

describe('what of OpenCTI is selected', () => {
  test('is, where nothing is said, all that has a host, and files', async () => {
    const bench = await startArtifacts();
    bench.come(
      ip(1, { score: 70, labels: ['Seen', 'MDTI:malicious'] }),
      { type: 'IPv6-Addr', value: '2001:db8::1' },
      { type: 'Domain-Name', value: 'bad.example.com' },
      { type: 'Hostname', value: 'www.bad.example.com' },
      { type: 'Url', value: 'http://bad.example.com/a' },
      { type: 'Email-Addr', value: 'a@bad.example.com' },
      { type: 'StixFile', value: 'd41d8cd98f00b204e9800998ecf8427e' },
      { type: 'Mutex', value: 'not this' },
    );
    const found = await readAll(bench.store());
    expect(found.map(({ type, value }) => `${type} ${value}`).toSorted()).toEqual([
      'domain bad.example.com',
      'domain www.bad.example.com',
      'email a@bad.example.com',
      'hash d41d8cd98f00b204e9800998ecf8427e',
      'ipv4 198.51.100.1',
      'ipv6 2001:db8::1',
      'url http://bad.example.com/a',
    ]);
    const { id: remoteId } = bench.heldOf('198.51.100.1');
    expect(found).toContainEqual({
      remoteId,
      value: '198.51.100.1',
      type: 'ipv4',
      isOurs: true,
      marks: ['mdti:malicious'],
      score: 70,
    });
  });

  const filters = (key: string, value: string) =>
    JSON.stringify({ mode: 'and', filters: [{ key, values: [value] }], filterGroups: [] });

  test.each([
    ['types', { types: ['Domain-Name' as const] }, ['one.example.com']],
    ['labels', { labels: ['Hunt', 'no such label'] }, ['198.51.100.1', '198.51.100.2']],
    ['markings', { markings: ['TLP:RED'] }, ['198.51.100.2']],
    ['createdBy', { createdBy: ['The SOC'] }, ['198.51.100.3']],
    ['minimumScore', { minimumScore: 60 }, ['198.51.100.1', '198.51.100.3']],
    ['filters', { filters: filters('value', '198.51.100.3') }, ['198.51.100.3']],
    ['all of several', { labels: ['hunt'], filters: filters('x_opencti_score', '60') }, ['198.51.100.1']],
  ])('follows %s', async (_, select, expected) => {
    const bench = await startArtifacts();
    bench.come(
      ip(1, { labels: ['hunt'], score: 60, markings: ['TLP:AMBER'] }),
      ip(2, { labels: ['hunt', 'other'], markings: ['TLP:RED'], score: 59 }),
      ip(3, { createdBy: 'The SOC', score: 100 }),
      { type: 'Domain-Name', value: 'one.example.com' },
    );
    expect(await valuesOf(bench.store(select))).toEqual(expected);
  });

  test.each([
    ['markings', { markings: ['TLP:PURPLE'] }, /select\.markings/],
    ['createdBy', { createdBy: ['Nobody of this name'] }, /select\.createdBy/],
    ['filters', { filters: filters('no_such_key', '1') }, /select\.filters/],
  ])('is refused with the name of the setting where OpenCTI declines its %s', async (_, select, message) => {
    const bench = await startArtifacts();
    bench.come(ip(1));
    expect(await faultFrom(readAll(bench.store(select)))).toMatchObject({
      kind: 'Refused',
      message: expect.stringMatching(message),
    });
  });

  test.each(['', '[]', '{"mode":"and"}', '{"mode":"xor","filters":[],"filterGroups":[]}'])(
    'cannot have as filters: %s',
    (text) => {
      expect(openCtiSelect.safeParse({ filters: text }).error?.issues[0]?.message).toMatch(/JSON of a filter group/);
    },
  );

  test('leaves out what has our author, and counts it', async () => {
    const bench = await startArtifacts();
    bench.come(ip(1, { createdBy: 'Microsoft Defender Threat Intelligence' }), ip(2, { createdBy: 'The SOC' }));
    const pages = await pagesOf(bench.store());
    expect(pages).toMatchObject([
      { delivered: [expect.any(String)], unreadable: 0, artifacts: [{ value: '198.51.100.2' }] },
    ]);
  });

  test('is not what the user may not see', async () => {
    const bench = await startArtifacts({ unseenMarkings: ['TLP:RED'] });
    bench.come(ip(1, { markings: ['TLP:RED'] }), ip(2));
    expect(await valuesOf(bench.store())).toEqual(['198.51.100.2']);
  });
});

describe('the pages of what is selected', () => {
  test('hold each once, go on from any position, and end', async () => {
    const bench = await startArtifacts({ largestPage: 30 });
    bench.comeMadeUp(50);
    bench.later(60);
    bench.come(ip(1));
    const pages = await pagesOf(bench.store());
    expect(pages.map(({ artifacts }) => artifacts.length)).toEqual([30, 21]);
    expect(new Set(pages.flatMap(({ artifacts }) => artifacts.map(({ remoteId }) => remoteId))).size).toBe(51);
    expect(pages.at(-1)?.position).toBe('2026-11-24T09:00:00.000Z');
    expect(await readAll(bench.store(), pages[0]?.position)).toHaveLength(51);
    expect(await valuesOf(bench.store(), pages[1]?.position)).toEqual(['198.51.100.1']);
    expect(await readAll(bench.store(), 'no position of ours')).toHaveLength(51);
  });

  test('go on some minutes before a position, since what was written by then may show later', async () => {
    const bench = await startArtifacts();
    for (const last of [1, 2, 3]) {
      bench.come(ip(last));
      bench.later(4);
    }
    const [page] = await pagesOf(bench.store());
    expect(await valuesOf(bench.store(), page?.position)).toEqual(['198.51.100.2', '198.51.100.3']);
  });

  test('go on where they were, though nothing is new', async () => {
    const bench = await startArtifacts();
    bench.come(ip(1));
    const [page] = await pagesOf(bench.store());
    bench.delete('198.51.100.1');
    expect(await pagesOf(bench.store(), page?.position)).toEqual([
      { artifacts: [], delivered: [], unreadable: 0, position: page?.position },
    ]);
  });

  test('show what changes meanwhile again, and lose nothing to what is deleted', async () => {
    const bench = await startArtifacts({ largestPage: 2 });
    for (const last of [1, 2, 3, 4, 5]) {
      bench.come(ip(last));
      bench.later(1);
    }
    const seen: string[] = [];
    for await (const { artifacts } of bench.store().pages(null, SIGNAL)) {
      if (seen.length === 0) {
        bench.delete('198.51.100.2');
        bench.come(ip(1, { score: 9 }));
      }
      seen.push(...artifacts.map(({ value }) => value.replace('198.51.100.', '')));
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5', '1']);
  });

  test('show what we have written once more', async () => {
    const bench = await startArtifacts();
    bench.come(ip(1), ip(2));
    const position = (await pagesOf(bench.store())).at(-1)?.position ?? null;
    bench.later(30);
    await bench.store().mark(bench.refs('198.51.100.2'), { add: MALICIOUS, remove: [] }, SIGNAL);
    const [page] = await pagesOf(bench.store(), position);
    expect(page?.artifacts.find(({ value }) => value === '198.51.100.2')?.marks).toEqual(MALICIOUS);
    expect(page?.position).toBe('2026-11-24T08:30:00.000Z');
  });

  test('tell what they cannot read, and read the rest', async () => {
    const bench = await startArtifacts();
    const node = { id: 'a', entity_type: 'Url', observable_value: 'http://a.example.com/', objectLabel: null };
    bench.answers.before = () =>
      pageWith(
        null,
        { id: 'b' },
        { ...node, objectLabel: 'mdti:malicious' },
        { ...node, observable_value: null },
        { ...node, x_opencti_score: 'high', createdBy: 7, updated_at: 'lately' },
        { ...node, id: 'c', entity_type: 'Brand-New', objectLabel: [{ value: null }, { value: 'mdti:suspicious' }] },
      );
    expect(await pagesOf(bench.store())).toEqual([
      {
        artifacts: [
          { remoteId: 'a', value: 'http://a.example.com/', type: 'url', isOurs: true, marks: [], score: null },
          {
            remoteId: 'c',
            value: 'http://a.example.com/',
            type: 'other',
            isOurs: true,
            marks: ['mdti:suspicious'],
            score: null,
          },
        ],
        delivered: [],
        unreadable: 4,
        position: null,
      },
    ]);
  });

  test.each<[string, HttpReply, string]>([
    ['429', { status: 429, headers: { 'retry-after': '7' }, text: '' }, 'Throttled'],
    ['502', { status: 502, headers: {}, text: '' }, 'Unavailable'],
    ['401', { status: 401, headers: {}, text: '' }, 'Refused'],
    ['a page of HTML', { status: 200, headers: {}, text: '<html>' }, 'Unavailable'],
    ['an error of its engine', answered({ errors: [{ name: 'DATABASE_ERROR' }], data: null }), 'Unavailable'],
    ['a right that is missing', answered({ errors: [{ name: 'FORBIDDEN_ACCESS' }], data: null }), 'Refused'],
    ['nothing', answered({ data: { stixCyberObservables: null } }), 'Unavailable'],
    ['something else', answered({ data: {} }), 'Unavailable'],
  ])('are a fault, and no part, where one of them is answered with %s', async (_, reply, kind) => {
    const bench = await startArtifacts({ largestPage: 2 });
    bench.come(ip(1), ip(2), ip(3));
    let asked = 0;
    bench.answers.before = (request) => {
      if (isList(request)) asked += 1;
      return asked === 2 ? reply : null;
    };
    expect(await faultFrom(readAll(bench.store()))).toMatchObject({ kind });
  });

  test('are refused by an OpenCTI that has no order of changes, with what it takes', async () => {
    const bench = await startArtifacts({ ordersByUpdate: false });
    bench.come(ip(1));
    expect(await faultFrom(readAll(bench.store()))).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('version'),
    });
  });
});

describe('observables that are looked at', () => {
  test('are told by their ids as they are now, and absent once they are gone', async () => {
    const bench = await startArtifacts();
    bench.come(ip(1), ip(2), ip(3, { createdBy: 'Microsoft Defender Threat Intelligence' }));
    const refs = bench.refs('198.51.100.1', '198.51.100.2', '198.51.100.3');
    bench.delete('198.51.100.2');
    bench.come(ip(1, { score: 12, labels: ['mdti:neutral'] }));
    const found = await bench.store({ types: ['Url'] }).look(refs, SIGNAL);
    const [one, , other] = refs.map(({ remoteId }) => found.get(remoteId));
    expect(found.size).toBe(2);
    expect(one).toMatchObject({ value: '198.51.100.1', score: 12, marks: ['mdti:neutral'] });
    expect(other).toMatchObject({ value: '198.51.100.3', score: null, marks: [] });
  });

  test('are found by their values, whatever is selected, many at once', async () => {
    const bench = await startArtifacts();
    bench.comeMadeUp(400);
    const values = bench.all().flatMap(({ type, value }) => (type === 'StixFile' ? [] : [value]));
    const found = await bench.store({ types: ['StixFile'], minimumScore: 90 }).holding([...values, 'none'], SIGNAL);
    expect(found.map(({ value }) => value).toSorted()).toEqual(values.toSorted());
    expect(bench.requests.length).toBe(Math.ceil((values.length + 1) / 100));
  });

  test('are none without a question', async () => {
    const bench = await startArtifacts();
    expect(await bench.store().holding([], SIGNAL)).toEqual([]);
    expect(await bench.store().look([], SIGNAL)).toEqual(new Map());
    expect(bench.requests).toEqual([]);
  });

  test('are a fault where one cannot be read, since what is absent counts as gone', async () => {
    const bench = await startArtifacts();
    bench.answers.before = () => pageWith({ id: 'a' });
    expect(await faultFrom(bench.store().look(bench.refs('a'), SIGNAL))).toMatchObject({ kind: 'Unavailable' });
  });
});
