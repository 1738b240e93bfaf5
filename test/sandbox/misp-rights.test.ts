import { describe, expect, it } from 'vitest';
import { AT, addBucket, BUCKET, domain, eventOf, heldIn, type Misp, search, startMisp, uuidOf } from './misp-caller.ts';

const ADD = `/attributes/add/${BUCKET}`;
const EDIT = `/events/edit/${BUCKET}`;
const FORBIDDEN = { status: 403, body: { message: 'You do not have permission to use this functionality.' } };

async function tagsOf(misp: Misp, number: number): Promise<unknown> {
  const [found] = await search(misp, { uuid: [uuidOf(number)] });
  return found?.['Tag'] ?? [];
}

/** Two tags, of which the second was never there before; one attribute. */
async function tagged(faults: Record<string, unknown> = {}): Promise<Misp> {
  const misp = await startMisp();
  await misp.post('/tags/add', { Tag: { name: 'old' } });
  await addBucket(misp);
  await misp.post(ADD, domain(1));
  misp.setFaults(faults);
  misp.pass(1);
  return misp;
}

describe('a role', () => {
  it('that may not tag gets tags by adding, and in silence none by an edit', async () => {
    const misp = await tagged({ role: { tags: false } });
    const Tag = [{ name: 'old' }];
    await misp.post(ADD, domain(2, { Tag }));
    expect(await tagsOf(misp, 2)).toMatchObject(Tag);
    const edited = await misp.post(EDIT, { Event: { Tag, Attribute: [domain(1, { Tag, comment: 'New' })] } });
    expect(edited).toMatchObject({ status: 200 });
    expect(await misp.post(`/attributes/edit/${uuidOf(1)}`, { Tag, comment: 'Newer' })).toMatchObject({ status: 200 });
    expect(await search(misp, { uuid: [uuidOf(1)] })).toMatchObject([{ comment: 'Newer' }]);
    expect(await tagsOf(misp, 1)).toEqual([]);
    expect(await eventOf(misp)).not.toHaveProperty('Tag');
    const one = { uuid: uuidOf(1), tag: 'old' };
    expect(await misp.post('/tags/attachTagToObject', one)).toMatchObject(FORBIDDEN);
    expect(await misp.post('/tags/removeTagFromObject', one)).toMatchObject(FORBIDDEN);
    expect(await misp.post('/attributes/addTag/1/old')).toMatchObject(FORBIDDEN);
  });

  it.each([
    ['may not make tags', { role: { makesTags: false } }, ['old']],
    ['may, but not these', { foreignTags: ['OLD'] }, ['new']],
  ])('that %s gets the others, in silence', async (_what, faults, names) => {
    const misp = await tagged(faults);
    const Tag = [{ name: 'old' }, { name: 'new' }];
    const expected = names.map((name) => ({ name }));
    await misp.post(ADD, domain(2, { Tag }));
    await misp.post(EDIT, { Event: { Tag, Attribute: [domain(1, { Tag })] } });
    for (const number of [1, 2]) expect(await tagsOf(misp, number)).toMatchObject(expected);
    expect(await eventOf(misp)).toMatchObject({ Tag: expected });
    const attach = (tag: string) => misp.post('/tags/attachTagToObject', { uuid: uuidOf(1), tag });
    const refused = names.includes('old') ? 'new' : 'old';
    expect(await attach(refused)).toMatchObject({
      status: 403,
      body: { errors: expect.stringContaining('Failed to attach 1 tags.') },
    });
    if (refused === 'new') expect(await misp.post('/tags/add', { name: 'new' })).toMatchObject(FORBIDDEN);
  });

  it('that may not add or publish is declined', async () => {
    const misp = await tagged({ role: { adds: false, publishes: false } });
    expect(await misp.post(ADD, domain(2))).toMatchObject(FORBIDDEN);
    expect(await misp.post(EDIT, { Event: {} })).toMatchObject(FORBIDDEN);
    expect(await misp.post(`/attributes/delete/${uuidOf(1)}`)).toMatchObject(FORBIDDEN);
    expect(await misp.post('/events/publish/1')).toMatchObject(FORBIDDEN);
    misp.setFaults({ role: { publishes: false } });
    expect(await misp.post(EDIT, { Event: { published: true } })).toMatchObject({
      body: { Event: { published: false } },
    });
    misp.setFaults({ role: {} });
    misp.pass(1);
    expect(await misp.post(EDIT, { Event: { published: true } })).toMatchObject({
      body: { Event: { published: true } },
    });
  });
});

describe('another organisation’s event', () => {
  it('declines what is for its owner, and takes proposals', async () => {
    const misp = await startMisp({ foreignEvents: [BUCKET] });
    expect(await eventOf(misp)).toMatchObject({ orgc_id: '2', published: true });
    expect(await misp.post(ADD, domain(1))).toMatchObject({
      status: 403,
      body: { message: 'You do not have permission to do that.' },
    });
    expect(await misp.post(EDIT, { Event: {} })).toMatchObject({
      status: 403,
      body: { message: 'You are not authorised to do that.' },
    });
    expect(await misp.post('/events/publish/1')).toMatchObject({ status: 405 });
    expect(await misp.post(`/events/delete/${BUCKET}`)).toMatchObject({ status: 403 });
    expect(await misp.post('/tags/attachTagToObject', { uuid: BUCKET, tag: 'x' })).toMatchObject({ status: 403 });
    const proposal = await misp.post('/shadow_attributes/add/1', domain(1));
    expect(proposal).toMatchObject({ status: 200, body: { ShadowAttribute: { value: 'host1.example.com' } } });
    expect(heldIn(misp)).toEqual({ 'host1.example.com': 'waiting' });
    expect(misp.tip.counts()).toMatchObject({ holds: 1 });
  });

  it('may be out of sight, and yet in the way', async () => {
    const misp = await startMisp({ foreignEvents: [BUCKET], foreignEventsSeen: false });
    expect(await misp.get(`/events/view/${BUCKET}`)).toMatchObject({ status: 404 });
    expect(await misp.post(ADD, domain(1))).toMatchObject({ status: 404 });
    expect(await misp.post('/events/add', { uuid: BUCKET, info: 'Bucket' })).toMatchObject({ status: 404 });
  });

  it('keeps its attributes from changes', async () => {
    const misp = await tagged({ foreignEvents: [BUCKET] });
    expect(await misp.post(`/attributes/edit/${uuidOf(1)}`, { comment: 'x' })).toMatchObject({ status: 403 });
    expect(await misp.post(`/attributes/delete/${uuidOf(1)}`)).toMatchObject({ status: 403 });
    expect(await misp.post('/attributes/deleteSelected/1', [1])).toMatchObject({ status: 403 });
  });
});

describe('tags', () => {
  it('are put on and taken off by name, whatever is tagged', async () => {
    const misp = await tagged();
    for (const uuid of [BUCKET, uuidOf(1)]) {
      const one = { uuid, tag: 'tlp:amber' };
      expect(await misp.post('/tags/attachTagToObject', one)).toMatchObject({ status: 200, body: { saved: true } });
      expect(await misp.post('/tags/attachTagToObject', one)).toMatchObject({ status: 200 });
    }
    expect(await tagsOf(misp, 1)).toMatchObject([{ name: 'tlp:amber' }]);
    expect((await eventOf(misp))['Tag']).toMatchObject([{ name: 'tlp:amber' }]);
    expect(await misp.get('/tags/index/searchall:tlp:amber')).toMatchObject({
      body: { Tag: [{ name: 'tlp:amber', count: 1, attribute_count: 1, exportable: true }] },
    });
    expect(await search(misp, { uuid: [uuidOf(1)] })).toMatchObject([{ timestamp: String(AT + 1) }]);
    const off = (tag: string) => misp.post('/tags/removeTagFromObject', { uuid: uuidOf(1), tag });
    expect(await off('TLP:amber')).toMatchObject({ status: 200 });
    expect(await off('tlp:amber')).toMatchObject({ status: 404 });
    expect(await off('unknown')).toMatchObject({ status: 405 });
    const nobody = { uuid: uuidOf(77), tag: 'old' };
    expect(await misp.post('/tags/attachTagToObject', nobody)).toMatchObject({ status: 404 });
    expect(misp.tip.counts()).toMatchObject({ updates: 2 });
  });

  it('go by an edit of the event, too', async () => {
    const misp = await tagged();
    const edit = (Tag: object[]) => misp.post(EDIT, { Event: { Attribute: [{ uuid: uuidOf(1), Tag }] } });
    await edit([{ name: 'old' }, { name: 'new' }]);
    expect(await tagsOf(misp, 1)).toMatchObject([{ name: 'old' }, { name: 'new' }]);
    await edit([]);
    expect(await tagsOf(misp, 1)).toHaveLength(2);
    await edit([{ name: 'old', deleted: 1 }]);
    expect(await tagsOf(misp, 1)).toMatchObject([{ name: 'new' }]);
    expect(misp.tip.counts()).toMatchObject({ updates: 2, duplicates: 1 });
  });

  it('of one attribute answer 200, even when it went wrong', async () => {
    const misp = await tagged({ exclusiveTlp: true });
    await misp.post('/tags/add', { name: 'tlp:green' });
    await misp.post('/tags/add', { name: 'tlp:amber' });
    const add = (tag: string | number) => misp.post('/attributes/addTag', { attribute: uuidOf(1), tag });
    const failed = { status: 200, body: { saved: false, errors: 'Tag could not be added.' } };
    expect(await add('unknown')).toMatchObject({ status: 200, body: { saved: false, errors: 'Invalid Tag.' } });
    expect(await add(1)).toMatchObject({ status: 200, body: { saved: true } });
    expect(await add('old')).toMatchObject(failed);
    expect(await add('tlp:green')).toMatchObject({ body: { saved: true } });
    expect(await add('tlp:amber')).toMatchObject(failed);
    // What has a colon in the path is no tag.
    expect(await misp.post('/attributes/addTag/1/tlp:amber')).toMatchObject({
      status: 404,
      body: { message: 'Invalid tag' },
    });
    expect(await tagsOf(misp, 1)).toMatchObject([{ name: 'old' }, { name: 'tlp:green' }]);
    expect(await misp.post('/attributes/removeTag/1/old')).toMatchObject({ body: { saved: true } });
    expect(await misp.post('/attributes/removeTag/1/old')).toMatchObject({ body: { saved: false } });
    expect(await misp.post(`/attributes/removeTag/${uuidOf(1)}/old`)).toMatchObject({ status: 404 });
    expect(await tagsOf(misp, 1)).toMatchObject([{ name: 'tlp:green' }]);
  });
});
