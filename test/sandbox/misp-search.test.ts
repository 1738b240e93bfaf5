import { expect, it } from 'vitest';
import {
  AT,
  addBucket,
  BUCKET,
  domain,
  eventOf,
  type Misp,
  search,
  startMisp,
  uuidOf,
  valuesFor,
} from './misp-caller.ts';

const OTHER = uuidOf(900);

/** Two events, of which the first has a tag; `host2` has one of its own, `host3` is deleted. */
async function filled(faults: Record<string, unknown> = {}): Promise<Misp> {
  const misp = await startMisp(faults);
  await addBucket(misp, BUCKET, { Tag: [{ name: 'tlp:amber' }] });
  await addBucket(misp, OTHER, { info: 'Other' });
  const own = [{ name: 'mdti-sync' }];
  await misp.post(`/attributes/add/${BUCKET}`, [domain(1), domain(2, { Tag: own }), domain(3)]);
  await misp.post(`/attributes/add/${OTHER}`, [
    domain(4),
    { uuid: uuidOf(5), type: 'url', value: 'https://example.com/a%20b?x=1&&y=2' },
    { uuid: uuidOf(6), type: 'ip-dst', value: '2001:db8::1' },
  ]);
  await misp.post(`/attributes/delete/${uuidOf(3)}`);
  return misp;
}

const HOST = (number: number): string => `host${number}.example.com`;
const URL_VALUE = 'https://example.com/a%20b?x=1&&y=2';

it.each([
  ['uuids', { uuid: [uuidOf(2), uuidOf(1), uuidOf(77)] }, [HOST(1), HOST(2)]],
  ['an event’s uuid', { uuid: [BUCKET] }, [HOST(1), HOST(2)]],
  ['an event and uuids', { eventid: [BUCKET], uuid: [uuidOf(1), uuidOf(4)] }, [HOST(1)]],
  ['the number of an event', { eventid: '1' }, [HOST(1), HOST(2)]],
  ['a value, whatever its case', { value: 'HOST1.example.com' }, [HOST(1)]],
  ['a pattern', { value: 'host%' }, [HOST(1), HOST(2), HOST(4)]],
  ['a percent sign inside', { value: [URL_VALUE] }, [URL_VALUE]],
  ['a text with &&, which parts it', { value: URL_VALUE }, []],
  ['IPv6 in another form', { value: ['2001:DB8:0::1'] }, ['2001:db8::1']],
  ['what is unwanted', { eventid: [BUCKET], value: ['!host1.example.com'] }, [HOST(2)]],
  ['a type', { type: ['url', 'ip-dst'] }, [URL_VALUE, '2001:db8::1']],
  ['its own tag', { tags: ['mdti-sync'] }, [HOST(2)]],
  ['the tag of its event', { tags: 'TLP:amber' }, [HOST(1), HOST(2)]],
  ['a tag that there is not', { tags: ['other'] }, []],
  ['what is deleted, too', { eventid: [BUCKET], deleted: [0, 1] }, [HOST(1), HOST(2), HOST(3)]],
  ['what is deleted', { deleted: 1 }, [HOST(3)]],
  ['only what is deleted, which finds nothing', { deleted: 'only' }, []],
  ['what is published', { published: 1 }, []],
  ['a page', { limit: 2, page: 2 }, [HOST(4), URL_VALUE]],
  ['a page without a limit', { eventid: [BUCKET], page: 2 }, [HOST(1), HOST(2)]],
  ['a page that there is not', { limit: 10, page: 2 }, []],
  ['a time', { timestamp: AT + 1 }, []],
  ['OR and NOT', { type: 'domain', value: { OR: ['host%'], NOT: [HOST(2)] } }, [HOST(1), HOST(4)]],
])('finds attributes by %s', async (_what, filters, values) => {
  expect(await valuesFor(await filled(), filters)).toEqual(values);
});

it('finds everything when no uuid is left in the list, or the filter is none', async () => {
  const misp = await filled();
  expect(await valuesFor(misp, { uuid: [] })).toHaveLength(5);
  expect(await valuesFor(misp, { uuids: [uuidOf(1)] })).toHaveLength(5);
  expect(await misp.post('/attributes/restSearch')).toMatchObject({ status: 400 });
  expect(await misp.get('/attributes/restSearch')).toMatchObject({ status: 400 });
  expect(await misp.post('/attributes/restSearch', { returnFormat: 'none' })).toMatchObject({ status: 404 });
});

it('drops what is in a warninglist from a page that was cut before', async () => {
  const misp = await filled({ warninglists: { Known: [HOST(1)] } });
  expect(await valuesFor(misp, { limit: 2, enforceWarninglist: 1 })).toEqual([HOST(2)]);
});

it('shows the tags of the event when asked', async () => {
  const misp = await filled();
  const [plain] = await search(misp, { uuid: [uuidOf(1)] });
  expect(plain).not.toHaveProperty('Tag');
  expect(plain).not.toHaveProperty('event_uuid');
  expect(plain).toMatchObject({ Event: { uuid: BUCKET, info: 'Bucket', distribution: '0' } });
  const asked = { uuid: [uuidOf(1), uuidOf(2)], includeEventTags: 1, includeEventUuid: 1 };
  expect(await search(misp, asked)).toMatchObject([
    { event_uuid: BUCKET, Tag: [{ name: 'tlp:amber', inherited: 1 }] },
    { Tag: [{ name: 'mdti-sync' }, { name: 'tlp:amber', inherited: 1 }] },
  ]);
});

it.each([
  ['uuid', { uuid: [OTHER] }, ['Other']],
  ['the uuid of an attribute', { uuid: [uuidOf(1)] }, ['Bucket']],
  ['number', { eventid: ['1', '2'] }, ['Bucket', 'Other']],
  ['tag', { tags: ['tlp:amber'] }, ['Bucket']],
  ['value', { value: HOST(4) }, ['Other']],
  ['info', { eventinfo: 'Buck%' }, ['Bucket']],
  ['page', { limit: 1, page: 2 }, ['Other']],
])('finds events by %s', async (_what, filters, infos) => {
  const misp = await filled();
  const { body } = await misp.post('/events/restSearch', { returnFormat: 'json', metadata: 1, ...filters });
  expect(body).toMatchObject({ response: infos.map((info) => ({ Event: { info } })) });
  expect(body).not.toHaveProperty('response.0.Event.Attribute');
});

it('shows what is deleted in an event only when asked', async () => {
  const misp = await filled();
  expect((await eventOf(misp))['Attribute']).toHaveLength(2);
  const all = await misp.get(`/events/view/${BUCKET}/deleted:1`);
  expect(all).toHaveProperty('body.Event.Attribute.2.deleted', true);
  expect(await misp.get(`/events/view/${BUCKET}/deleted:2`)).toMatchObject({
    body: { Event: { Attribute: [{ uuid: uuidOf(3) }] } },
  });
  expect(await misp.get('/events/1.json')).toMatchObject({ body: { Event: { uuid: BUCKET } } });
});
