import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AT, search, startMisp, uuidOf, valuesFor } from './misp-caller.ts';

const TAG = 'mdti:score="75-89"';

/** One of ours and one of another organisation, in published events. */
async function filled(faults: Record<string, unknown> = {}) {
  const served = await startServed(faults);
  const { uuids } = served.controls.artifacts({
    artifacts: [
      { type: 'domain', value: 'own.example', owner: 'own' },
      { type: 'domain', value: 'foreign.example' },
    ],
  });
  const [own = '', foreign = ''] = uuids;
  const tag = await served.misp.post('/tags/add', { name: TAG });
  const { id } = z.object({ Tag: z.object({ id: z.string() }) }).parse(tag.body).Tag;
  return { ...served, own, foreign, id };
}

async function startServed(faults: Record<string, unknown>) {
  const misp = await startMisp(faults);
  const { controls } = misp.tip;
  return { misp, controls, counts: () => misp.tip.counts() };
}

describe('artifacts', () => {
  it('are made up, the same for the same seed, and found a second at a time', async () => {
    const { misp, controls } = await startServed({});
    expect(controls.artifacts({ count: 200, seed: 7 })).toEqual({ artifacts: 200, uuids: [] });
    const other = await startServed({});
    other.controls.artifacts({ count: 200, seed: 7 });
    expect(other.controls.holdings()).toEqual(controls.holdings());
    const first = await search(misp, { timestamp: [AT - 4, AT - 4], order: 'Attribute.timestamp,Attribute.id' });
    expect(first).toHaveLength(50);
    expect(await search(misp, { timestamp: AT - 1 })).toHaveLength(50);
  });

  it('are found by their organisation, by either half of a value, and in the order that is asked for', async () => {
    const { misp, controls } = await startServed({});
    controls.artifacts({
      artifacts: [
        { type: 'domain|ip', value: 'two.example|192.0.2.1', owner: 'own', timestamp: AT },
        { type: 'domain', value: 'one.example', timestamp: AT - 1 },
        { type: 'domain', value: 'three.example', timestamp: AT },
      ],
    });
    expect(await valuesFor(misp, { org: ['1'] })).toEqual(['two.example|192.0.2.1']);
    expect(await valuesFor(misp, { value: { OR: ['192.0.2.1'] } })).toEqual(['two.example|192.0.2.1']);
    const order = ['Attribute.timestamp', 'Attribute.id desc'];
    expect(await valuesFor(misp, { type: ['domain', 'domain|ip'], order })).toEqual([
      'one.example',
      'three.example',
      'two.example|192.0.2.1',
    ]);
    misp.setFaults({ ordersSearches: false });
    expect((await valuesFor(misp, { type: ['domain', 'domain|ip'], order }))[0]).toBe('two.example|192.0.2.1');
  });
});

describe('a local tag', () => {
  it('is set on another organisation’s attribute without a change of its time, and taken away again', async () => {
    const { misp, own, foreign, id, counts, controls } = await filled();
    misp.pass(10);
    const many = { attribute_ids: JSON.stringify([own, foreign]), tag: JSON.stringify([id]) };
    expect(await misp.post('/attributes/addTag/selected/local:1', many)).toMatchObject({
      body: { saved: true, success: '2 tags added' },
    });
    expect(await search(misp, { uuid: [foreign] })).toMatchObject([
      { timestamp: String(AT), Tag: [{ id, name: TAG, local: true }] },
    ]);
    expect(controls.holdings()).toMatchObject([{ published: true }, { published: true, owner: 'foreign' }]);
    expect(counts()).toMatchObject({ tags: { [TAG]: 2 }, tagWrites: 2, idleTagWrites: 0, foreignTouched: 0 });
    const again = await misp.post('/attributes/addTag/selected/local:1', many);
    expect(again.body).toEqual({ saved: false, errors: '2 tags could not be added.' });
    const gone = await misp.post('/tags/removeTagFromObject', { uuid: foreign, tag: id });
    expect(gone).toMatchObject({ status: 200, body: { message: expect.stringMatching(/^Local tag /) } });
    expect(await misp.post('/tags/removeTagFromObject', { uuid: foreign, tag: id })).toMatchObject({ status: 404 });
    expect(counts()).toMatchObject({ tags: { [TAG]: 1 }, tagWrites: 3, idleTagWrites: 3 });
  });

  it('is for the host organisation alone where the attribute is not its own', async () => {
    const { misp, own, foreign, id, counts } = await filled({ hostOrganisation: false });
    const add = (uuid: string) =>
      misp.post('/attributes/addTag/selected/local:1', { attribute_ids: JSON.stringify([uuid]), tag: id });
    expect((await add(own)).body).toMatchObject({ saved: true });
    expect((await add(foreign)).body).toMatchObject({ saved: false });
    const attached = await misp.post('/tags/attachTagToObject', { uuid: foreign, tag: [id], local: 1 });
    expect(attached).toMatchObject({ status: 403, body: { errors: expect.stringContaining('host organisation') } });
    expect(counts()).toMatchObject({ tags: { [TAG]: 1 }, foreignTouched: 0 });
  });
});

it('counts what would have changed another organisation’s attribute, and declines it', async () => {
  const { misp, foreign, id, counts } = await filled();
  const one = { uuid: foreign, tag: id };
  expect(await misp.post('/tags/attachTagToObject', one)).toMatchObject({ status: 403 });
  expect((await misp.post(`/attributes/addTag/${foreign}`, { tag: id })).body).toMatchObject({ saved: false });
  expect(await misp.post(`/attributes/edit/${foreign}`, { comment: 'x' })).toMatchObject({ status: 403 });
  expect(counts()).toMatchObject({ tags: {}, foreignTouched: 3 });
});

it('fails at tags of one, and at all behind one that is deleted', async () => {
  const { misp, own, foreign, id, controls } = await filled();
  misp.setFaults({ untaggable: [own] });
  const attached = await misp.post('/tags/attachTagToObject', { uuid: own, tag: id, local: 1 });
  expect(attached).toMatchObject({ status: 403, body: { saved: false } });
  expect(controls.delete({ uuids: [own, uuidOf(99)] })).toEqual({ deleted: 1 });
  const many = { attribute_ids: JSON.stringify([foreign, own]), tag: id };
  expect(await misp.post('/attributes/addTag/selected/local:1', many)).toMatchObject({ status: 404 });
  expect(await search(misp, { uuid: [foreign] })).toMatchObject([{ Tag: [{ name: TAG }] }]);
});

it('is kept, with its counts', async () => {
  const { misp, own, id } = await filled();
  await misp.post('/attributes/addTag/selected/local:1', { attribute_ids: JSON.stringify([own]), tag: id });
  const next = await startMisp({}, JSON.parse(JSON.stringify(misp.tip.snapshot())));
  expect(next.tip.counts()).toMatchObject({ tags: { [TAG]: 1 }, tagWrites: 1 });
});

it('changes an attribute’s time when its owner tags it for all', async () => {
  const { misp, foreign, controls } = await filled();
  misp.pass(5);
  controls.retag({ uuid: foreign, add: [{ name: 'seen', local: true }] });
  expect(await search(misp, { uuid: [foreign] })).toMatchObject([{ timestamp: String(AT) }]);
  controls.retag({ uuid: foreign, add: [{ name: 'tlp:red' }], remove: ['seen'] });
  const [shown] = await search(misp, { uuid: [foreign] });
  expect(shown).toMatchObject({ timestamp: String(AT + 5), Tag: [{ name: 'tlp:red', local: false }] });
});
