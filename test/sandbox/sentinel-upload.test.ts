import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { indicator, serveUpload, UPLOAD, type UploadServer, workspaceId } from './sentinel-upload-server.ts';

let server: UploadServer;
beforeEach(async () => {
  server = await serveUpload();
});
afterEach(() => server.close());

const OTHER = '00000000-5a4d-b0c5-0000-000000000009';
const one = (): string => JSON.stringify({ sourcesystem: 'mdti-sync', stixobjects: [indicator('198.51.100.1')] });

describe('who may upload', () => {
  test('nobody without a good token for the management audience, in any of its four spellings', async () => {
    expect((await server.send(one(), { authorization: '' })).status).toBe(401);
    expect((await server.send(one(), { authorization: 'Bearer made-up' })).status).toBe(401);
    const ofLogs = server.authorization('https://api.loganalytics.io');
    const refused = await server.send(one(), { authorization: ofLogs });
    expect([refused.status, refused.json()]).toEqual([401, { statusCode: 401, message: expect.any(String) }]);
    for (const host of ['management.azure.com', 'management.core.windows.net']) {
      for (const slash of ['', '/']) {
        const authorization = server.authorization(`https://${host}${slash}`);
        expect((await server.send(one(), { authorization })).status).toBe(200);
      }
    }
    server.entra.era = 1;
    const before = server.authorization('https://management.azure.com');
    server.entra.era = 2;
    expect((await server.send(one(), { authorization: before })).status).toBe(401);
    expect(server.tip.counts().holds).toBe(1);
  });

  test.each([
    ['forbidden', 403],
    ['unauthorised', 401],
  ] as const)('nobody without the role on the workspace: %s', async (role, status) => {
    server.setFaults({ role });
    expect((await server.send(one())).status).toBe(status);
    server.setFaults({ role: 'granted' });
    expect((await server.send(one())).status).toBe(200);
  });

  test('nobody whose token lacks the permission', async () => {
    server.entra.withoutPermission.push('management.azure.com');
    expect((await server.send(one())).status).toBe(403);
  });
});

describe('a request that is not in the form', () => {
  const send = async (body: unknown): Promise<number> => (await server.send(JSON.stringify(body))).status;

  test('is 404 at another workspace, path or method', async () => {
    expect((await server.send(one(), { path: UPLOAD.replace(workspaceId, OTHER) })).status).toBe(404);
    expect((await server.send(one(), { path: UPLOAD.replace('stix-objects', 'indicators') })).status).toBe(404);
  });

  test('is 400 with another version, another content type or no JSON', async () => {
    expect((await server.send(one(), { path: UPLOAD.replace('preview', 'final') })).status).toBe(400);
    expect((await server.send(one(), { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await server.send('{"sourcesystem":')).status).toBe(400);
  });

  test('is 400 without a source system, with the one that is restricted, or without objects', async () => {
    const stixobjects = [indicator('198.51.100.1')];
    expect(await send({ stixobjects })).toBe(400);
    expect(await send({ sourcesystem: '', stixobjects })).toBe(400);
    expect(await send({ sourcesystem: 'Microsoft Sentinel', stixobjects })).toBe(400);
    expect(await send({ sourcesystem: 'mdti-sync' })).toBe(400);
    expect(await send({ sourcesystem: 'mdti-sync', indicators: stixobjects })).toBe(400);
    expect(await send({ sourcesystem: 'mdti-sync', stixobjects: [] })).toBe(400);
  });

  test('is 400 with more than 100 objects, and none of them is taken', async () => {
    const many = Array.from({ length: 101 }, (_, index) => indicator(`198.51.100.${index}`));
    expect((await server.upload(many)).status).toBe(400);
    expect(server.tip.counts().holds).toBe(0);
    expect((await server.upload(many.slice(1))).status).toBe(200);
    expect(server.tip.counts().holds).toBe(100);
  });
});

describe('the limit of requests', () => {
  test('is 100 a minute of one user, then 429 says in its text how long to wait', async () => {
    const sent = await Promise.all(Array.from({ length: 100 }, () => server.send(one())));
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]));
    server.clock.pass(10_500);
    const late = await server.send(one());
    expect([late.status, late.json()]).toEqual([
      429,
      { statusCode: 429, message: 'Rate limit is exceeded. Try again in 50 seconds.' },
    ]);
    expect(late.headers['retry-after']).toBeUndefined();
    expect(server.tip.counts()).toMatchObject({ requests: 101, throttled: 1 });
    server.clock.pass(49_500);
    expect((await server.send(one())).status).toBe(200);
  });

  test('can be another, or none, and may be in a header, too', async () => {
    server.setFaults({ requestsPerMinute: 1, retryAfterHeader: true });
    expect((await server.send(one())).status).toBe(200);
    const late = await server.send(one());
    expect([late.status, late.headers['retry-after']]).toEqual([429, '60']);
    server.setFaults({ requestsPerMinute: null });
    expect((await server.send(one())).status).toBe(200);
  });
});

test('the stand-in can be given a limit of requests in a second', async () => {
  const slow = await serveUpload({}, { perSecond: 1 });
  expect((await slow.upload([indicator('198.51.100.1')])).status).toBe(200);
  const late = await slow.upload([indicator('198.51.100.1')]);
  expect([late.status, late.json()]).toMatchObject([
    429,
    { message: 'Rate limit is exceeded. Try again in 1 seconds.' },
  ]);
  await slow.close();
});

test('what is held is kept, and so is what is on its way', async () => {
  server.setFaults({ ingestionLagMs: 60_000, lagging: ['198.51.100.2'] });
  const [first, second] = [indicator('198.51.100.1'), indicator('198.51.100.2')];
  await server.upload([first, second]);
  await server.upload([first]);
  const query = 'ThreatIntelIndicators | project ObservableValue | order by ObservableValue asc';
  expect(await server.rows(query)).toEqual([['198.51.100.1']]);
  const again = await serveUpload({}, { restore: JSON.parse(JSON.stringify(server.tip.snapshot())) });
  expect(again.tip.items()).toEqual(server.tip.items());
  expect(again.tip.counts()).toMatchObject({ holds: 2, duplicates: 1, requests: 0 });
  expect(await again.rows(query)).toEqual([['198.51.100.1'], ['198.51.100.2']]);
  await again.close();
});
