import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, FORM, form, IMPORT, importAll, json, settled, start, valuesFor } from './threatstream-caller.ts';

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
    const { id: last } = await importAll(api, ['192.0.2.3'], { expiration_ts: '9999-12-31T00:00:00.000Z' });
    for (const each of [id, other, last]) await settled(api, each);
    expect(api.holdings()).toMatchObject([
      { value: '192.0.2.1', confidence: 50, expiration: '2027-02-22T08:00:00.000Z', itype: 'mal_ip' },
      { value: '192.0.2.2', confidence: 90, expiration: null, status: 'awaiting-review' },
      // Never, as one client writes it.
      { value: '192.0.2.3', confidence: 50, expiration: null },
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
    expect(api.holdings()).toMatchObject([{}, { type: 'md5', status: 'gone' }, { confidence: 50 }]);
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
    expect(await valuesFor(api, 'update_id__gt=46')).toEqual(many.slice(23));
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
