import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, change, idsOf, imported, json, objectsOf, start, valuesFor } from './threatstream-caller.ts';

type Api = ReturnType<typeof start>['api'];
const SEARCH = '/api/v2/intelligence/';
const HOSTS = Array.from({ length: 25 }, (_, index) => `host${index}.example.com`);

async function asked(api: Api, q: string): Promise<string[]> {
  return valuesFor(api, new URLSearchParams({ q }).toString());
}

/** All pages, and how `meta.next` looked. */
async function pages(api: Api, query: string) {
  const values: string[] = [];
  const nexts: string[] = [];
  let target: string | null = `${SEARCH}?${query}`;
  while (target !== null) {
    const { body }: Awaited<ReturnType<typeof json>> = await json(api, 'GET', target);
    for (const { value } of z.array(z.object({ value: z.string() })).parse(body['objects'])) values.push(value);
    target = z.object({ next: z.string().nullable() }).parse(body['meta']).next;
    if (target !== null) nexts.push(target);
  }
  return { values, nexts };
}

describe('the pages of a search', () => {
  it.each([
    ['update_id', 'update_id__gt='],
    ['search_after', 'search_after='],
    ['offset', 'offset=10'],
  ] as const)('follow by %s, in the order of updates', async (nextBy, part) => {
    const { api } = start({ nextBy });
    await imported(api, HOSTS);
    const { values, nexts } = await pages(api, 'tags.name=mdti&limit=10');
    expect(values).toEqual(HOSTS);
    expect(nexts).toHaveLength(2);
    expect(nexts[0]).toMatch(/^\/api\/v2\/intelligence\/\?/);
    expect(nexts[0]).toContain(part);
  });

  it('have others’ copies among ours, and each once', async () => {
    const { api } = start({ foreignCopies: 1 });
    await imported(api, HOSTS);
    const q = HOSTS.map((value) => `value="${value}"`).join(' OR ');
    const { values, nexts } = await pages(api, new URLSearchParams({ q, limit: '7' }).toString());
    expect(values).toEqual(HOSTS.flatMap((value) => [value, value]));
    expect(nexts).toHaveLength(7);
  });

  it('have 1,000 observables with limit=0', async () => {
    const { api } = start();
    await imported(api, HOSTS);
    expect(await valuesFor(api, 'limit=0')).toHaveLength(25);
    expect((await json(api, 'GET', `${SEARCH}?limit=0`)).body['meta']).toMatchObject({ limit: 1_000 });
  });

  it('are in no other order, unless that is known', async () => {
    const { api, setFaults } = start();
    await imported(api, HOSTS);
    for (const order of ['-update_id', 'created_ts']) {
      expect(await call(api, 'GET', `${SEARCH}?order_by=${order}`)).toMatchObject({ status: 400 });
    }
    for (const nextBy of ['update_id', 'search_after'] as const) {
      setFaults({ descending: 'answers', nextBy });
      expect((await pages(api, 'order_by=-update_id&limit=10')).values).toEqual(HOSTS.toReversed());
    }
    expect(await valuesFor(api, 'order_by=-update_id&tags.name=mdti&limit=1')).toEqual(['host24.example.com']);
  });

  it('go on from where an update is', async () => {
    const { api } = start();
    await imported(api, HOSTS);
    const updates = (await objectsOf(api, `${SEARCH}?limit=0`)).map(({ update_id }) => z.int().parse(update_id));
    expect(await valuesFor(api, `update_id__gt=${updates[22]}`)).toEqual(HOSTS.slice(23));
    expect(await valuesFor(api, `update_id__gte=${updates[22]}`)).toEqual(HOSTS.slice(22));
    expect(await valuesFor(api, `update_id__lt=${updates[2]}`)).toEqual(HOSTS.slice(0, 2));
    await change(api, (await idsOf(api, 'value=host0.example.com'))[0] ?? 0, { confidence: 12 });
    expect(await valuesFor(api, `update_id__gt=${updates[24]}`)).toEqual(['host0.example.com']);
  });
});

describe('the filters of a search', () => {
  it('are lists of statuses and of ids, and no owner', async () => {
    const { api } = start({ foreignCopies: 1 });
    await imported(api, ['192.0.2.1', '192.0.2.2']);
    const [, first = 0, , second = 0] = await idsOf(api, '');
    await change(api, first, { status: 'inactive' });
    expect(await idsOf(api, `id=${first},${second}`)).toEqual([second]);
    expect(await idsOf(api, `id=${first},${second}&status=active,inactive`)).toEqual([second, first]);
    const shown = await objectsOf(api, `${SEARCH}?value=192.0.2.2&owner_organization_id=67`);
    expect(shown.map((object) => object['owner_organization_id'])).toEqual([999, 67]);
    expect(await call(api, 'GET', `${SEARCH}?id=one`)).toMatchObject({ status: 400 });
  });
});

describe('q', () => {
  async function some(): Promise<Api> {
    const { api } = start();
    await imported(api, ['192.0.2.1', 'evil.example.com'], { threat_type: 'c2' });
    await imported(api, ['d41d8cd98f00b204e9800998ecf8427e'], { confidence: '80', threat_type: 'apt' });
    const [ip = 0] = await idsOf(api, 'value=192.0.2.1');
    await change(api, ip, { status: 'inactive' });
    return api;
  }

  it.each([
    ['(value="192.0.2.1" OR value="evil.example.com")', ['evil.example.com']],
    ['(value="192.0.2.1" OR value="x") AND (status=active OR status=inactive)', ['192.0.2.1']],
    ['value=evil.example.com or value=192.0.2.1 and status=inactive', ['evil.example.com', '192.0.2.1']],
    [
      '(status = active) and (created_ts >= 2026-11-24T08:00:00)',
      ['evil.example.com', 'd41d8cd98f00b204e9800998ecf8427e'],
    ],
    ['status = active and created_ts > 2026-11-24T08:00:00Z', []],
    ['confidence>=80 AND type=hash', ['d41d8cd98f00b204e9800998ecf8427e']],
    ['confidence<80 AND (type=ip OR type=domain) AND status!=falsepos', ['evil.example.com', '192.0.2.1']],
    [
      '(meta.severity="high" OR meta.severity="very-high") AND is_public=false AND itype=c2_domain',
      ['evil.example.com'],
    ],
    ['((((tags.name=mdti)))) AND value != "evil.example.com"', ['d41d8cd98f00b204e9800998ecf8427e']],
  ])('understands %s', async (q, values) => {
    expect(await asked(await some(), q)).toEqual(values);
  });

  it.each([
    '',
    'value',
    'value=',
    'value="a',
    '(value="a"',
    'value="a")',
    'value="a" value="b"',
    'NOT value="a"',
    'colour=red',
    'constructor=1',
    'value>=a',
    'confidence>=much',
    'created_ts>yesterday',
    '"value"=a',
    'value=a XOR value=b',
    `${'('.repeat(60)}value=a${')'.repeat(60)}`,
  ])('declines %s', async (q) => {
    expect(await call(start().api, 'GET', `${SEARCH}?${new URLSearchParams({ q }).toString()}`)).toMatchObject({
      status: 400,
    });
  });

  it('looks for what stands in quotation marks as it is', async () => {
    const { api } = start();
    const url = 'http://a.example.com/?q="x" OR value=(y)\\z'.replaceAll(' ', '%20');
    await imported(api, [url]);
    expect(await asked(api, `value="${url.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).toEqual([url]);
  });
});
