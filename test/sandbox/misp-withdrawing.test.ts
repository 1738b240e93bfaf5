import { describe, expect, it } from 'vitest';
import { AT, addBucket, BUCKET, domain, heldIn, search, startMisp, uuidOf, valuesFor } from './misp-caller.ts';

const ADD = `/attributes/add/${BUCKET}`;
const EDIT = `/events/edit/${BUCKET}`;
const HIDDEN = { uuid: [uuidOf(1)] };
const SHOWN = { ...HIDDEN, deleted: [0, 1] };

/** With one attribute that was deleted. */
async function withOneDeleted(faults: Record<string, unknown> = {}) {
  const misp = await startMisp(faults);
  await addBucket(misp);
  await misp.post(ADD, domain(1, { comment: 'Score 90' }));
  misp.pass(1);
  expect(await misp.post(`/attributes/delete/${uuidOf(1)}`)).toMatchObject({
    status: 200,
    body: { message: 'Attribute deleted.' },
  });
  misp.pass(1);
  return misp;
}

describe('deleting', () => {
  it('hides it, and keeps its uuid but not its value taken', async () => {
    const misp = await withOneDeleted();
    expect(heldIn(misp)).toEqual({ 'host1.example.com': 'gone' });
    expect(await search(misp, HIDDEN)).toEqual([]);
    expect(await search(misp, SHOWN)).toMatchObject([{ deleted: true, to_ids: true, timestamp: String(AT + 1) }]);
    expect(await misp.post(`/attributes/edit/${uuidOf(1)}`, { comment: 'New' })).toMatchObject({ status: 404 });
    expect(await misp.post(`/attributes/delete/${uuidOf(1)}`)).toMatchObject({ status: 404 });
    expect(await misp.get('/attributes/view/1')).toMatchObject({ status: 405 });
    const taken = { errors: { uuid: ['The UUID provided is not unique'] } };
    expect(await misp.post(ADD, domain(1))).toMatchObject({ status: 403, body: taken });
    expect(await misp.post(ADD, domain(1, { uuid: uuidOf(2) }))).toMatchObject({ status: 200 });
  });

  it('frees the uuid when it is hard', async () => {
    const misp = await withOneDeleted();
    expect(await misp.post(`/attributes/delete/${uuidOf(1)}`, { hard: 1 })).toMatchObject({ status: 200 });
    expect(await search(misp, SHOWN)).toEqual([]);
    expect(await misp.post(ADD, domain(1))).toMatchObject({ status: 200, body: { Attribute: { id: '2' } } });
    expect(misp.tip.counts()).toMatchObject({ withdrawn: 1 });
  });

  it('blanks it where the instance says so', async () => {
    const misp = await withOneDeleted({ sanitisesDeleted: true });
    expect(await search(misp, SHOWN)).toMatchObject([
      { value: 'deleted', type: 'comment', category: 'Other', comment: '', to_ids: false, uuid: uuidOf(1) },
    ]);
    expect(await search(misp, { value: ['host1.example.com'], deleted: [0, 1] })).toEqual([]);
    expect(heldIn(misp)).toEqual({ 'host1.example.com': 'gone' });
    await misp.post('/attributes/restore/1');
    expect(await valuesFor(misp, HIDDEN)).toEqual(['deleted']);
    expect(misp.tip.counts()).toMatchObject({ holds: 0 });
  });

  it('takes many of one event, by number', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, [domain(1), domain(2), domain(3), domain(4)]);
    const selected = (body: unknown, event = '1') => misp.post(`/attributes/deleteSelected/${event}`, body);
    expect(await selected({ id: ['1', '2'] })).toMatchObject({
      status: 200,
      body: { message: '2 attributes deleted' },
    });
    expect(await selected([1, 3])).toMatchObject({
      status: 403,
      body: { saved: false, errors: '1 attribute deleted, but 1 attribute could not be deleted.' },
    });
    expect(await selected([1, 2])).toMatchObject({ status: 404, body: { message: 'No matching attributes found.' } });
    expect(await selected([])).toMatchObject({ status: 404 });
    expect(await selected([4], '2')).toMatchObject({ status: 404, body: { message: 'Invalid event' } });
    // The database reads the digits that a uuid begins with, and meets another attribute.
    expect(await selected([uuidOf(1).replace('00000000', '4a000000')])).toMatchObject({ status: 403 });
    expect(misp.tip.counts()).toMatchObject({ holds: 0, withdrawn: 4 });
  });

  it('counts as withdrawn what is no longer to be detected', async () => {
    const misp = await startMisp();
    await addBucket(misp);
    await misp.post(ADD, domain(1));
    misp.pass(1);
    await misp.post(EDIT, { Event: { Attribute: [{ uuid: uuidOf(1), to_ids: '0' }] } });
    expect(heldIn(misp)).toEqual({ 'host1.example.com': 'gone' });
    expect(await search(misp, HIDDEN)).toMatchObject([{ to_ids: false, deleted: false }]);
    expect(await search(misp, { ...HIDDEN, to_ids: 1 })).toEqual([]);
  });
});

describe('taking a deletion back', () => {
  it('sends on to the attribute, even when nothing came of it', async () => {
    const misp = await withOneDeleted();
    const restored = { status: 302, headers: { location: `${misp.url}/attributes/view/1` } };
    expect(await misp.post('/attributes/restore/1')).toMatchObject(restored);
    expect(await misp.get('/attributes/view/1')).toMatchObject({
      status: 200,
      body: { Attribute: { deleted: false } },
    });
    await misp.post(`/attributes/delete/${uuidOf(1)}`);
    await misp.post(ADD, domain(1, { uuid: uuidOf(2) }));
    expect(await misp.post('/attributes/restore/1')).toMatchObject(restored);
    expect(await misp.get('/attributes/view/1')).toMatchObject({ status: 405 });
    await misp.post(`/attributes/delete/${uuidOf(2)}`);
    misp.setFaults({ role: { modifiesOrganisation: false } });
    expect(await misp.post('/attributes/restore/1')).toMatchObject(restored);
    expect(misp.tip.counts()).toMatchObject({ holds: 0 });
    expect(await misp.post('/attributes/restore/77')).toMatchObject({
      status: 405,
      body: { message: 'Invalid Attribute' },
    });
  });

  it.each([
    [false, 405, 'gone'],
    [true, 302, 'held'],
  ])('knows uuids: %s', async (restoresByUuid, status, state) => {
    const misp = await withOneDeleted({ restoresByUuid });
    expect(await misp.post(`/attributes/restore/${uuidOf(1)}`)).toMatchObject({ status });
    expect(heldIn(misp)).toEqual({ 'host1.example.com': state });
  });

  it.each([
    [true, 'held', 'New'],
    [false, 'gone', 'New'],
  ])('works by an edit of the event: %s', async (restoresByEdit, state, comment) => {
    const misp = await withOneDeleted({ restoresByEdit });
    const edit = (fields: object) => misp.post(EDIT, { Event: { Attribute: [domain(1, fields)] } });
    await edit({ comment });
    expect(heldIn(misp)).toEqual({ 'host1.example.com': 'gone' });
    misp.pass(1);
    expect(await edit({ comment, deleted: 0 })).toMatchObject({ status: 200 });
    expect(heldIn(misp)).toEqual({ 'host1.example.com': state });
    expect(await search(misp, SHOWN)).toMatchObject([{ comment }]);
  });

  it('brings a blanked one back whole by an edit', async () => {
    const misp = await withOneDeleted({ sanitisesDeleted: true });
    const whole = { category: 'Network activity', comment: 'Score 90', deleted: false };
    await misp.post(EDIT, { Event: { Attribute: [domain(1, whole)] } });
    expect(await search(misp, HIDDEN)).toMatchObject([{ value: 'host1.example.com', type: 'domain', to_ids: true }]);
  });
});
