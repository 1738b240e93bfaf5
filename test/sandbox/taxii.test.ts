import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TAXII_CREDENTIALS } from '../../sandbox/taxii/collections.ts';
import { IN_COLLECTION, indicator, indicatorId, MEDIA, OBJECTS, start, statusInChunks } from './taxii-caller.ts';

const SERVERS = ['medallion', 'opentaxii'] as const;
const { readOnlyCollection, writeOnlyCollection, token } = TAXII_CREDENTIALS;

describe.each(SERVERS)('a TAXII server like %s', (duplicates) => {
  it('leads from its discovery to what it was sent', async () => {
    const taxii = await start({ duplicates });
    const discovery = z.object({ default: z.string() }).parse((await taxii.get('/taxii2/')).json());
    const root = new URL(discovery.default, `${taxii.url}/taxii2/`).href;
    expect(root).toBe(`${taxii.url}/api1/`);
    const information = await taxii.get('/api1/');
    expect(information.headers['content-type']).toBe(MEDIA);
    expect(information.json()).toMatchObject({ versions: [MEDIA], max_content_length: 10_485_760 });
    const added = await taxii.post([indicator(1)]);
    expect(added.status).toBe(202);
    expect(added.json()).toMatchObject({ status: 'complete', total_count: 1, success_count: 1, failure_count: 0 });
    const { id } = z.object({ id: z.string() }).parse(added.json());
    expect((await taxii.get(`/api1/status/${id}/`)).json()).toEqual(added.json());
    expect(await taxii.objects(`${OBJECTS}?match[id]=${indicatorId(1)}`)).toMatchObject([{ id: indicatorId(1) }]);
    expect(await taxii.objects(`${OBJECTS}${indicatorId(1)}/`)).toMatchObject([{ id: indicatorId(1) }]);
    expect((await taxii.get(`${OBJECTS}${indicatorId(2)}/`)).status).toBe(404);
    expect((await taxii.get(`${OBJECTS}?match[id]=${indicatorId(2)}`)).json()).toEqual({});
  });

  it('says what may be done with each collection, and keeps to it', async () => {
    const taxii = await start({ duplicates });
    expect((await taxii.get('/api1/collections/')).json()).toMatchObject({
      collections: [
        { can_read: true, can_write: true },
        { can_read: true, can_write: false },
        { can_read: false, can_write: true },
      ],
    });
    // OpenTAXII says that there is no such collection.
    const refused = duplicates === 'medallion' ? 403 : 404;
    expect((await taxii.post([indicator(1)], `/api1/collections/${readOnlyCollection}/objects/`)).status).toBe(refused);
    expect((await taxii.get(`/api1/collections/${readOnlyCollection}/objects/`)).json()).toEqual({});
    expect((await taxii.post([indicator(1)], `/api1/collections/${writeOnlyCollection}/objects/`)).status).toBe(202);
    expect((await taxii.get(`/api1/collections/${writeOnlyCollection}/objects/`)).status).toBe(refused);
    expect((await taxii.get(`/api1/collections/${writeOnlyCollection}/manifest/`)).status).toBe(refused);
    taxii.setFaults({ canWrite: false });
    expect((await taxii.get(IN_COLLECTION)).json()).toMatchObject({ can_write: false });
    expect((await taxii.post([indicator(1)])).status).toBe(refused);
    taxii.setFaults({ canWrite: true, writesRefused: true });
    expect((await taxii.get(IN_COLLECTION)).json()).toMatchObject({ can_write: true });
    expect((await taxii.post([indicator(1)])).status).toBe(refused);
    taxii.setFaults({ collectionGone: true });
    expect((await taxii.get(IN_COLLECTION)).status).toBe(404);
    expect((await taxii.get('/api1/collections/')).text).not.toContain(TAXII_CREDENTIALS.collection);
  });

  it('lets in by a password or by a token, in the header only', async () => {
    const taxii = await start({ duplicates });
    const statusWith = async (authorization: string): Promise<number> =>
      (await taxii.get('/taxii2/', { authorization })).status;
    expect(await statusWith(`Bearer ${token}`)).toBe(200);
    expect(await statusWith('Bearer wrong')).toBe(401);
    expect(await statusWith(`Basic ${Buffer.from('somebody:else').toString('base64')}`)).toBe(401);
    expect(await statusWith('')).toBe(401);
    taxii.setFaults({ signIn: 'basic' });
    expect(await statusWith(`Bearer ${token}`)).toBe(401);
    taxii.setFaults({ signIn: 'bearer' });
    expect((await taxii.get('/taxii2/')).status).toBe(401);
  });

  it('refuses other media types, other methods, and places that are not', async () => {
    const taxii = await start({ duplicates });
    expect((await taxii.get('/taxii2/', { accept: 'application/json' })).status).toBe(406);
    expect((await taxii.get('/taxii2/', { accept: 'application/taxii+json' })).status).toBe(406);
    const other = await taxii.send('POST', OBJECTS, '{"objects":[]}', { 'content-type': 'application/json' });
    expect(other.status).toBe(415);
    const spaced = { 'content-type': 'application/taxii+json; version=2.1' };
    const status = (await taxii.send('POST', OBJECTS, '{"objects":[]}', spaced)).status;
    expect(status).toBe(duplicates === 'medallion' ? 202 : 415);
    expect((await taxii.send('PUT', OBJECTS, '{}')).status).toBe(405);
    for (const path of ['/api2/', '/api1/collections/x/', '/api1/x/', `${OBJECTS}a/b/`, `${OBJECTS}a/versions/c/`])
      expect((await taxii.get(path)).status).toBe(404);
  });

  it('counts the bytes of a whole body, not its characters', async () => {
    const body = JSON.stringify({ objects: [indicator(1, { name: 'ü'.repeat(100) })] });
    const taxii = await start({ duplicates, maxContentLength: Buffer.byteLength(body) });
    expect((await taxii.send('POST', OBJECTS, body)).status).toBe(202);
    taxii.setFaults({ maxContentLength: body.length });
    expect((await taxii.send('POST', OBJECTS, body)).status).toBe(413);
    expect((await taxii.get('/api1/')).json()).toMatchObject({ max_content_length: body.length });
  });
});

describe('what only one of the two does', () => {
  it('medallion sends on a path without its last slash, with the query', async () => {
    const taxii = await start();
    const reply = await taxii.get(`${OBJECTS.slice(0, -1)}?limit=2`);
    expect(reply).toMatchObject({ status: 308, headers: { location: `${taxii.url}${OBJECTS}?limit=2` } });
    const lost = await start({ duplicates: 'opentaxii' });
    expect((await lost.get(OBJECTS.slice(0, -1))).status).toBe(404);
    lost.setFaults({ missingSlash: 'redirect' });
    expect((await lost.get(OBJECTS.slice(0, -1))).status).toBe(308);
  });

  it('medallion refuses a body in chunks, which OpenTAXII reads', async () => {
    const medallion = await start();
    expect(await statusInChunks(medallion, OBJECTS, '{"objects":[]}')).toBe(400);
    const open = await start({ duplicates: 'opentaxii' });
    expect(await statusInChunks(open, OBJECTS, '{"objects":[]}')).toBe(202);
  });

  it('medallion answers JSON that is none with HTML', async () => {
    const medallion = await start();
    const page = await medallion.send('POST', OBJECTS, '{"objects":');
    expect([page.status, page.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    const open = await start({ duplicates: 'opentaxii' });
    const error = await open.send('POST', OBJECTS, '{"objects":');
    expect([error.status, error.headers['content-type']]).toEqual([400, MEDIA]);
  });

  it('has errors in forms of their own', async () => {
    const medallion = await start();
    expect((await medallion.get('/api1/status/x/')).json()).toEqual({
      title: 'ProcessingError',
      http_status: '404',
      description: "Status 'x' not found.",
    });
    const unauthorised = await medallion.get('/taxii2/', { authorization: '' });
    expect(unauthorised.text).toBe('Unauthorized Access');
    expect(unauthorised.headers['www-authenticate']).toBe('Basic realm="Authentication Required"');
    const open = await start({ duplicates: 'opentaxii' });
    expect((await open.get(`${OBJECTS}x/`)).json()).toMatchObject({ code: 404, name: 'Not Found' });
    expect((await open.get('/api1/status/x/')).status).toBe(500);
    expect((await open.get('/api1/status/5a4d0000-0000-4000-8000-000000000000/')).status).toBe(404);
  });
});
