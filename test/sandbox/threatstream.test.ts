import { array, assert, asyncProperty, boolean, constantFrom, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createThreatStreamApi, type ThreatStreamApi } from '../../sandbox/threatstream/threatstream-api.ts';
import { threatStreamFaults } from '../../sandbox/threatstream/threatstream-faults.ts';

const AUTHORIZATION = 'apikey analyst@example.com:key';
const NOW = new Date('2026-11-24T08:00:00Z');

interface Started {
  readonly api: ThreatStreamApi;
  readonly setFaults: (faults: z.input<typeof threatStreamFaults>) => void;
}

function start(
  faults: z.input<typeof threatStreamFaults> = {},
  restore?: unknown,
  now: () => Date = () => NOW,
): Started {
  let current = threatStreamFaults.parse(faults);
  const api = createThreatStreamApi({
    user: 'analyst@example.com',
    apiKey: 'key',
    faults: () => current,
    now,
    ...(restore === undefined ? {} : { restore }),
  });
  return {
    api,
    setFaults(next) {
      current = threatStreamFaults.parse(next);
    },
  };
}

async function call(api: ThreatStreamApi, method: string, target: string, body = '', type = 'application/json') {
  const url = new URL(target, 'https://threatstream.example');
  return api.handle({
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: { authorization: AUTHORIZATION, 'content-type': type },
    body,
  });
}

async function json(api: ThreatStreamApi, method: string, target: string, body = '', type = 'application/json') {
  const reply = await call(api, method, target, body, type);
  if (reply === 'cut') throw new Error('The connection was cut.');
  const parsed: unknown = JSON.parse(reply.body);
  return { status: reply.status, body: z.record(z.string(), z.unknown()).parse(parsed) };
}

const FORM = 'application/x-www-form-urlencoded';
const IMPORT = '/api/v2/intelligence/import/';

function form(values: readonly string[], fields: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({
    datatext: values.join('\n'),
    classification: 'private',
    threat_type: 'malware',
    tags: JSON.stringify([{ name: 'mdti', tlp: 'red' }, { name: 'mdti-sync:one:1' }]),
    ...fields,
  }).toString();
}

async function importAll(
  api: ThreatStreamApi,
  values: readonly string[],
  fields: Readonly<Record<string, string>> = {},
) {
  const { status, body } = await json(api, 'POST', IMPORT, form(values, fields), FORM);
  return { status, id: z.string().parse(body['import_session_id']) };
}

async function settled(api: ThreatStreamApi, id: string) {
  const first = await json(api, 'GET', `/api/v1/importsession/${id}/`);
  expect(first.body['status']).toBe('processing');
  return (await json(api, 'GET', `/api/v1/importsession/${id}/`)).body;
}

async function valuesFor(api: ThreatStreamApi, query: string) {
  const { body } = await json(api, 'GET', `/api/v2/intelligence/?${query}`);
  return z
    .array(z.object({ value: z.string() }))
    .parse(body['objects'])
    .map(({ value }) => value);
}

describe('an import session', () => {
  it('is processing, then ready for review, then approved', async () => {
    const { api } = start();
    const { status, id } = await importAll(api, ['192.0.2.1', 'evil.example.com', 'http://evil.example.com/a']);
    expect(status).toBe(202);
    expect(await settled(api, id)).toMatchObject({ status: 'done', numIndicators: 3, numRejected: 0 });
    expect(await valuesFor(api, 'tags.name=mdti-sync:one:1')).toEqual([]);
    expect(await valuesFor(api, 'tags.name=mdti-sync:one:1&status=inactive')).toHaveLength(3);
    const approved = await json(api, 'PATCH', `/api/v1/importsession/${id}/approve_all/`);
    expect(approved.body).toMatchObject({ status: 'approved', approved_by_id: 1 });
    expect(await valuesFor(api, 'tags.name=mdti-sync:one:1')).toHaveLength(3);
    expect(api.counts()).toMatchObject({ sessions: 1, holds: 3, duplicates: 0, updates: 0, publicShares: 0 });
  });

  it('is active at once with default_state=active, for those who may approve', async () => {
    const { api, setFaults } = start();
    const { id } = await importAll(api, ['192.0.2.1'], { default_state: 'active' });
    expect(await settled(api, id)).toMatchObject({ status: 'approved' });
    expect(await valuesFor(api, 'value=192.0.2.1')).toEqual(['192.0.2.1']);
    setFaults({ noApprovePermission: true });
    const refused = await json(api, 'POST', IMPORT, form(['192.0.2.2'], { default_state: 'active' }), FORM);
    expect(refused.status).toBe(403);
  });

  it('takes the confidence of the sender only with both switches, and 90 days when no end is given', async () => {
    const { api } = start();
    const { id } = await importAll(api, ['192.0.2.1'], { confidence: '90' });
    const { id: other } = await importAll(api, ['192.0.2.2'], {
      confidence: '90',
      source_confidence_weight: '100',
      can_override_confidence: 'true',
      expiration_ts: 'null',
    });
    await settled(api, id);
    await settled(api, other);
    expect(api.holdings()).toMatchObject([
      { value: '192.0.2.1', confidence: 50, expiration: '2027-02-22T08:00:00.000Z', itype: 'mal_ip' },
      { value: '192.0.2.2', confidence: 90, expiration: null, status: 'awaiting-review' },
    ]);
  });

  it.each([
    ['JSON', JSON.stringify({ datatext: 'a.example.com' }), 'application/json'],
    ['a classification of its own', form(['a.example.com'], { classification: 'malicious' }), FORM],
    ['two sources of values', form(['a.example.com'], { url: 'http://a.example.com' }), FORM],
    ['an unknown threat type', form(['a.example.com'], { threat_type: 'evil' }), FORM],
    ['an itype of another kind', form(['a.example.com'], { ip_mapping: 'mal_domain' }), FORM],
    ['tags that are no list of objects', form(['a.example.com'], { tags: '["mdti"]' }), FORM],
  ])('declines %s', async (_, body, type) => {
    expect((await json(start().api, 'POST', IMPORT, body, type)).status).toBe(400);
  });

  it('reads multipart forms', async () => {
    const { api } = start();
    const fields = { classification: 'private', threat_type: 'c2', datatext: '192.0.2.1\r\n2001:db8::1' };
    const parts = Object.entries(fields).map(
      ([name, value]) => `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const { body } = await json(api, 'POST', IMPORT, `${parts.join('')}--XX--\r\n`, 'multipart/form-data; boundary=XX');
    await settled(api, z.string().parse(body['import_session_id']));
    expect(api.holdings()).toMatchObject([{ itype: 'c2_ip' }, { itype: 'c2_ipv6' }]);
  });

  it('counts what it rejects, and drops in silence', async () => {
    const { api } = start({ rejectValues: ['bad'], benign: ['192.0.2.9'], silentDrops: 0.5 });
    const many = Array.from({ length: 100 }, (_, index) => `host${index}.example.com`);
    const { id } = await importAll(api, [...many, 'bad.example.com', '192.0.2.9']);
    const session = await settled(api, id);
    expect(session['numRejected']).toBe(2);
    expect(session['numIndicators']).toBe(api.counts().holds);
    expect(api.counts().holds).toBeGreaterThan(30);
    expect(api.counts().holds).toBeLessThan(70);
  });

  it('ends in errors every Nth time, and holds nothing then', async () => {
    const { api } = start({ sessionErrors: 1 });
    const { id } = await importAll(api, ['192.0.2.1']);
    expect(await settled(api, id)).toMatchObject({ status: 'errors', numIndicators: 0 });
    expect(api.counts().holds).toBe(0);
  });

  it('is listed by when it was modified', async () => {
    const { api } = start();
    const { id } = await importAll(api, ['192.0.2.1']);
    const found = await json(api, 'GET', '/api/v1/importsession/?date_modified__gte=2026-11-24T07:59:00');
    expect(found.body['objects']).toMatchObject([
      { id: Number(id), tags: [{ name: 'mdti' }, { name: 'mdti-sync:one:1' }] },
    ]);
    const later = await json(api, 'GET', '/api/v1/importsession/?date_modified__gte=2026-11-24T08:00:01');
    expect(later.body['objects']).toEqual([]);
  });
});

function bulk(objects: readonly unknown[], meta: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ objects, meta: { classification: 'private', allow_unresolved: true, ...meta } });
}

describe('a write without approval', () => {
  const BULK = '/api/v2/intelligence/';

  it('answers nothing and shows later', async () => {
    const { api } = start({ polls: 2 });
    const reply = await call(api, 'PATCH', BULK, bulk([{ srcip: '192.0.2.1', itype: 'mal_ip' }]));
    expect(reply).toMatchObject({ status: 202, body: '' });
    expect(await valuesFor(api, 'value=192.0.2.1')).toEqual([]);
    expect(await valuesFor(api, 'value=192.0.2.1')).toEqual([]);
    expect(await valuesFor(api, 'value=192.0.2.1')).toEqual(['192.0.2.1']);
  });

  it('leaves out what does not fit without a word', async () => {
    const { api } = start({ polls: 0, unresolved: 1 });
    const objects = [
      { srcip: '2001:db8::1', itype: 'mal_ip' },
      { srcip: '2001:db8::2', itype: 'mal_ipv6' },
      { md5: 'd41d8cd98f00b204e9800998ecf8427e', itype: 'mal_md5' },
      { domain: 'a.example.com', itype: 'mal_domain' },
      { domain: 'b.example.com', url: 'http://b.example.com/', itype: 'mal_domain' },
      { srcip: '192.0.2.1', itype: 'mal_ip', confidence: 90 },
    ];
    expect(await call(api, 'PATCH', BULK, bulk(objects, { allow_unresolved: false }))).toMatchObject({ status: 202 });
    expect(await valuesFor(api, '')).toEqual(['2001:db8::2', '192.0.2.1']);
    expect(api.holdings()[1]).toMatchObject({ confidence: 50 });
  });

  it('is public unless it says otherwise', async () => {
    const { api } = start();
    await call(api, 'PATCH', BULK, bulk([{ srcip: '192.0.2.1', itype: 'mal_ip' }], { classification: undefined }));
    expect(api.counts().publicShares).toBe(1);
  });

  it('takes 10 MB, and needs the permission', async () => {
    const { api, setFaults } = start();
    const large = bulk([{ url: `http://a.example.com/${'x'.repeat(10_000_000)}`, itype: 'mal_url' }]);
    expect(await call(api, 'PATCH', BULK, large)).toMatchObject({ status: 413 });
    setFaults({ noApprovePermission: true });
    expect(await call(api, 'PATCH', BULK, bulk([]))).toMatchObject({ status: 403 });
  });
});

describe('what the judge counts', () => {
  it('tells what arrived twice from what changed, whatever shipment it came with, also while it is under way', async () => {
    const { api } = start();
    await importAll(api, ['192.0.2.1', '192.0.2.2']);
    const again = JSON.stringify([{ name: 'mdti-sync:one:2' }, { name: 'mdti', tlp: 'red' }]);
    await importAll(api, ['192.0.2.1'], { tags: again });
    await importAll(api, ['192.0.2.2'], { severity: 'high' });
    expect(api.counts()).toMatchObject({ duplicates: 1, updates: 1 });
  });

  it('takes a withdrawn value for a new one, and leaves others’ copies alone', async () => {
    const { api } = start({ foreignCopies: 1, polls: 0 });
    const { id } = await importAll(api, ['192.0.2.1'], { default_state: 'active' });
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    const { body } = await json(api, 'GET', '/api/v2/intelligence/?value=192.0.2.1');
    const objects = z.array(z.object({ id: z.int(), owner_organization_id: z.int() })).parse(body['objects']);
    expect(objects.map((object) => object.owner_organization_id)).toEqual([999, 67]);
    for (const object of objects) {
      await call(api, 'PATCH', `/api/v2/intelligence/${object.id}/`, JSON.stringify({ status: 'inactive' }));
    }
    expect(api.counts()).toMatchObject({ holds: 0, retracted: 1, foreignTouched: 1 });
    await importAll(api, ['192.0.2.1'], { default_state: 'active' });
    expect(api.counts()).toMatchObject({ duplicates: 0, updates: 0 });
  });

  it('remembers when each value was taken in, also over a snapshot', async () => {
    let now = NOW;
    const { api } = start({}, undefined, () => now);
    const { id } = await importAll(api, ['192.0.2.1']);
    const taken = new Date('2026-11-24T08:00:07Z');
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    now = taken;
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    now = new Date('2026-11-24T09:00:00Z');
    await json(api, 'PATCH', `/api/v1/importsession/${id}/approve_all/`);
    expect(api.holdings()).toMatchObject([{ heldAt: taken.toISOString(), status: 'active' }]);
    const later = start({}, JSON.parse(JSON.stringify(api.snapshot())), () => now);
    expect(later.api.holdings()).toEqual(api.holdings());
  });

  it('goes on from a snapshot', async () => {
    const first = start();
    const { id } = await importAll(first.api, ['192.0.2.1', 'evil.example.com']);
    const saved: unknown = JSON.parse(JSON.stringify(first.api.snapshot()));
    const { api } = start({}, saved);
    expect(api.holdings()).toEqual(first.api.holdings());
    await importAll(api, ['192.0.2.1']);
    expect(api.counts()).toMatchObject({ holds: 2, duplicates: 1, sessions: 1 });
    const approved = await json(api, 'PATCH', `/api/v1/importsession/${id}/approve_all/`);
    expect(approved.status).toBe(200);
    expect(await valuesFor(api, '')).toHaveLength(2);
    const later = start({}, JSON.parse(JSON.stringify(api.snapshot())));
    expect(later.api.counts()).toMatchObject({ holds: 2, duplicates: 1, sessions: 0 });
  });
});

describe('the judge, whatever arrives in whatever order', () => {
  it('holds one entry for each value, and counts as a list kept by hand does', async () => {
    const arrival = record({
      value: constantFrom('192.0.2.1', '192.0.2.2', 'a.example.com'),
      severity: constantFrom('low', 'high'),
      withdraw: boolean(),
    });
    await assert(
      asyncProperty(array(arrival, { maxLength: 12 }), async (arrivals) => {
        const { api } = start({ polls: 0 });
        const held = new Map<string, string>();
        const counted = { duplicates: 0, updates: 0, retracted: 0 };
        for (const [index, { value, severity, withdraw }] of arrivals.entries()) {
          const tags = JSON.stringify([{ name: `mdti-sync:one:${index}` }]);
          const { id } = await importAll(api, [value], { severity, tags, default_state: 'active' });
          await json(api, 'GET', `/api/v1/importsession/${id}/`);
          if (held.get(value) === severity) counted.duplicates += 1;
          else if (held.has(value)) counted.updates += 1;
          held.set(value, severity);
          expect(await valuesFor(api, `tags.name=mdti-sync:one:${index}`)).toEqual([value]);
          if (!withdraw) continue;
          const found = await json(api, 'GET', `/api/v2/intelligence/?value=${value}`);
          const [object] = z.array(z.object({ id: z.int() })).parse(found.body['objects']);
          await json(api, 'PATCH', `/api/v2/intelligence/${object?.id}/`, '{"status":"inactive"}');
          held.delete(value);
          counted.retracted += 1;
        }
        expect(api.counts()).toMatchObject({ ...counted, holds: held.size });
        const active = api.holdings().filter(({ status }) => status === 'active');
        expect(new Map(active.map(({ value, severity }) => [value, severity]))).toEqual(held);
      }),
      { numRuns: 40 },
    );
  });
});

describe('search', () => {
  it('pages in the order of updates, and by update id', async () => {
    const { api } = start({ polls: 0 });
    const many = Array.from({ length: 25 }, (_, index) => `host${index}.example.com`);
    const { id } = await importAll(api, many, { default_state: 'active' });
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    const first = await json(api, 'GET', '/api/v2/intelligence/?tags.name=mdti');
    const meta = z.object({ next: z.string() }).parse(first.body['meta']);
    expect(first.body['objects']).toHaveLength(20);
    expect(await valuesFor(api, meta.next.split('?')[1] ?? '')).toEqual(many.slice(20));
    expect(await valuesFor(api, 'update_id__gt=23')).toEqual(many.slice(23));
    expect(await valuesFor(api, 'value__contains=host1&limit=3')).toEqual([
      'host1.example.com',
      'host10.example.com',
      'host11.example.com',
    ]);
    expect(await valuesFor(api, 'type=hash')).toEqual([]);
  });
});

describe('a fault', () => {
  it.each([
    [{ everyNth429: 1 }, 429],
    [{ everyNth429: 1, retryAfterSeconds: null }, 429],
    [{ everyNth503: 1 }, 503],
    [{ everyNthHtml: 1 }, 502],
    [{ outage: true }, 503],
    [{ unauthorised: true }, 401],
  ])('%j answers %i', async (faults, status) => {
    expect(await call(start(faults).api, 'GET', '/api/v2/intelligence/')).toMatchObject({ status });
  });

  it('loses acknowledgements and requests', async () => {
    const { api, setFaults } = start({ lostAcks: 1 });
    expect(await call(api, 'POST', IMPORT, form(['192.0.2.1']), FORM)).toBe('cut');
    expect(api.counts().sessions).toBe(1);
    setFaults({ lostRequests: 1 });
    expect(await call(api, 'POST', IMPORT, form(['192.0.2.1']), FORM)).toBe('cut');
    expect(api.counts().sessions).toBe(1);
  });

  it('declines a whole request for one value', async () => {
    const { api } = start({ poison: ['192.0.2.13'] });
    expect((await json(api, 'POST', IMPORT, form(['192.0.2.1', '192.0.2.13']), FORM)).status).toBe(400);
    expect(api.counts().sessions).toBe(0);
  });
});

describe('the way in', () => {
  it('is the header, and the path ends in a slash', async () => {
    const { api } = start();
    const query = new URLSearchParams({ username: 'analyst@example.com', api_key: 'key' });
    const request = { method: 'GET', path: '/api/v2/intelligence/', headers: {}, body: '' };
    expect(await api.handle({ ...request, query })).toMatchObject({ status: 401 });
    expect(await call(api, 'GET', '/api/v1/importsession')).toMatchObject({ status: 404 });
    expect(await call(api, 'GET', '/api/v2/intelligence')).toMatchObject({ status: 200 });
  });
});
