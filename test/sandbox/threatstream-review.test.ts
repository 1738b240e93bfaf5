import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  call,
  change,
  idsOf,
  importAll,
  json,
  objectsOf,
  start,
  through,
  uploaded,
  valuesFor,
} from './threatstream-caller.ts';

type Api = ReturnType<typeof start>['api'];
const SESSIONS = '/api/v1/importsession/';
const VALUES = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

async function ready(api: Api, values: readonly string[] = VALUES): Promise<string> {
  const { id } = await importAll(api, values);
  await through(api, id);
  return id;
}

async function entriesOf(api: Api, id: string, list = 'intelligence') {
  return objectsOf(api, `${SESSIONS}${id}/${list}/?limit=1000`);
}

async function statusOf(api: Api, id: string) {
  return (await json(api, 'GET', `${SESSIONS}${id}/`)).body['status'];
}

describe('an analyst', () => {
  it('approves all sessions that are ready, or one', async () => {
    const { api } = start();
    const [first, second] = [await ready(api, ['192.0.2.1']), await ready(api, ['192.0.2.2'])];
    await importAll(api, ['192.0.2.3']);
    expect(await valuesFor(api, '')).toEqual([]);
    expect(api.review({ session: second, decision: 'approve' })).toBe(1);
    expect(await valuesFor(api, '')).toEqual(['192.0.2.2']);
    expect(api.review({ decision: 'approve' })).toBe(1);
    expect(await valuesFor(api, '')).toEqual(['192.0.2.2', '192.0.2.1']);
    expect([await statusOf(api, first), await statusOf(api, second)]).toEqual(['approved', 'approved']);
  });

  it('rejects a session: it says deleted, and its values are no longer there', async () => {
    const { api } = start();
    const id = await ready(api);
    const [known = 0] = await idsOf(api, 'value=192.0.2.1&status=inactive');
    expect(api.review({ decision: 'reject' })).toBe(1);
    expect(await statusOf(api, id)).toBe('deleted');
    expect(await entriesOf(api, id)).toEqual([]);
    expect(await change(api, known, { status: 'active' })).toMatchObject({ status: 404 });
    expect(api.holdings()).toEqual([]);
    expect(api.counts()).toMatchObject({ holds: 0, withdrawn: 0 });
    await ready(api, ['192.0.2.1']);
    expect(api.counts()).toMatchObject({ holds: 1, discarded: 0 });
  });

  it('excludes some values, and approves the rest', async () => {
    const { api } = start({ exclusionMessage: 'not wanted' });
    const id = await ready(api);
    expect(api.review({ decision: 'exclude', values: ['192.0.2.2', 'elsewhere.example.com'] })).toBe(1);
    expect(await valuesFor(api, '')).toEqual(['192.0.2.1', '192.0.2.3']);
    const entries = await entriesOf(api, id);
    expect(entries.map(({ value }) => value)).toEqual(['192.0.2.1', '192.0.2.3', '192.0.2.2']);
    expect(entries[2]).toEqual({
      rejected_id: expect.any(Number),
      value: '192.0.2.2',
      itype: 'mal_ip',
      confidence: 50,
    });
    expect(await entriesOf(api, id, 'rejects')).toMatchObject([{ value: '192.0.2.2', message: 'not wanted' }]);
    const session = (await json(api, 'GET', `${SESSIONS}${id}/`)).body;
    expect(session).toMatchObject({ status: 'approved', numIndicators: 2, numRejected: 1 });
  });

  it('takes a while where that is so', async () => {
    const { api } = start({ decisionPolls: 2 });
    const [first, second] = [await ready(api, ['192.0.2.1']), await ready(api, ['192.0.2.2'])];
    api.review({ session: first, decision: 'approve' });
    api.review({ session: second, decision: 'reject' });
    const seen = [await statusOf(api, first), await statusOf(api, second)];
    expect(seen).toEqual(['approving', 'rejecting']);
    expect(api.holdings().map(({ status }) => status)).toEqual(['awaiting-review', 'awaiting-review']);
    expect([await statusOf(api, first), await statusOf(api, second)]).toEqual(['approved', 'deleted']);
    expect(api.holdings().map(({ status }) => status)).toEqual(['active']);
  });
});

describe('a session that is ready for review', () => {
  it('is approved in part, and as a whole once nothing waits', async () => {
    const { api } = start();
    const id = await ready(api);
    const ids = (await entriesOf(api, id)).map((entry) => z.int().parse(entry['id']));
    const approve = (some: readonly number[]) =>
      json(api, 'PATCH', `${SESSIONS}${id}/approve_selected/?ids=${some.join(',')}`);
    expect((await approve(ids.slice(0, 1))).body).toMatchObject({ status: 'done' });
    expect(await valuesFor(api, '')).toEqual(['192.0.2.1']);
    expect((await approve(ids.slice(1))).body).toMatchObject({ status: 'approved' });
    expect(await valuesFor(api, '')).toEqual(VALUES);
  });

  it('loses what is excluded from it, which may be brought again', async () => {
    const { api, setFaults } = start();
    const id = await ready(api);
    const [first, second] = (await entriesOf(api, id)).map((entry) => z.int().parse(entry['id']));
    const target = `${SESSIONS}${id}/delete_selected/?create_rejected=true&ids=${first}&rejected_ids=`;
    expect((await json(api, 'DELETE', target)).body).toMatchObject({
      status: 'done',
      numIndicators: 2,
      numRejected: 1,
    });
    await json(api, 'DELETE', `${SESSIONS}${id}/delete_selected/?ids=${second}`);
    expect(await entriesOf(api, id, 'rejects')).toMatchObject([{ value: '192.0.2.1' }]);
    setFaults({ excludedListed: false });
    expect((await entriesOf(api, id)).map(({ value }) => value)).toEqual(['192.0.2.3']);
    await ready(api, ['192.0.2.1']);
    expect(api.counts()).toMatchObject({ holds: 2, withdrawn: 0, discarded: 0 });
    setFaults({ mayExclude: false });
    expect(await call(api, 'DELETE', target)).toMatchObject({ status: 403 });
  });

  it('takes in again what was excluded or rejected, and no duplicates', async () => {
    const { api } = start({ benign: ['192.0.2.9'] });
    await ready(api, ['192.0.2.1']);
    const id = await ready(api, ['192.0.2.1', '192.0.2.2', '192.0.2.9']);
    const [second] = (await entriesOf(api, id)).map((entry) => z.int().parse(entry['id']));
    await json(api, 'DELETE', `${SESSIONS}${id}/delete_selected/?create_rejected=true&ids=${second}`);
    const rejects = (await entriesOf(api, id, 'rejects')).map((entry) => z.int().parse(entry['id']));
    const { body } = await json(api, 'PATCH', `${SESSIONS}${id}/add_rejects/?ids=${rejects.join(',')}`);
    expect(body).toMatchObject({ numIndicators: 2, numRejected: 1 });
    expect((await entriesOf(api, id)).map(({ value }) => value)).toEqual(['192.0.2.9', '192.0.2.2']);
    expect(await entriesOf(api, id, 'rejects')).toMatchObject([{ value: '192.0.2.1' }]);
  });

  it('is edited with what it brought', async () => {
    const { api } = start();
    const id = await ready(api);
    const edit = { tlp: 'green', intelligence_source: 'us', expiration_ts: '2027-01-31T00:00:00' };
    expect((await json(api, 'PATCH', `${SESSIONS}${id}/`, JSON.stringify(edit))).body).toMatchObject({ tlp: 'green' });
    expect(api.holdings()).toMatchObject(VALUES.map(() => ({ tlp: 'green', expiration: '2027-01-31T00:00:00.000Z' })));
    const tags = { tags: [{ name: 'seen', org_id: 67, tlp: 'red' }] };
    const tagged = await call(api, 'POST', `${SESSIONS}${id}/intelligence/tag/`, JSON.stringify(tags));
    expect(tagged).toMatchObject({ status: 201 });
    expect(api.holdings().every((held) => held.tags.includes('seen') && !held.publicTags.includes('seen'))).toBe(true);
  });

  it('is approved by those who may', async () => {
    const { api } = start({ noApprovePermission: true });
    const id = await ready(api);
    expect(await call(api, 'PATCH', `${SESSIONS}${id}/approve_all/`)).toMatchObject({ status: 401 });
    expect(await call(api, 'PATCH', `${SESSIONS}${id}/approve_selected/?ids=1`)).toMatchObject({ status: 401 });
  });

  it('is decided on once', async () => {
    const { api } = start();
    const { id } = await uploaded(api, 'domain\n');
    for (const target of ['approve_all/', 'approve_selected/?ids=1', 'add_rejects/?ids=1']) {
      expect(await call(api, 'PATCH', `${SESSIONS}${id}/${target}`)).toMatchObject({ status: 400 });
    }
    expect(api.review({ decision: 'approve' })).toBe(0);
    expect(await call(api, 'PATCH', `${SESSIONS}1/approve_all/`)).toMatchObject({ status: 404 });
  });
});

describe('an approval', () => {
  it('may give other ids', async () => {
    const { api } = start({ idsChangeOnApproval: true });
    const id = await ready(api, ['192.0.2.1']);
    const [before] = await idsOf(api, 'value=192.0.2.1&status=inactive');
    await json(api, 'PATCH', `${SESSIONS}${id}/approve_all/`);
    const [after] = await idsOf(api, 'value=192.0.2.1');
    expect(after).not.toBe(before);
    expect(await change(api, before ?? 0, { severity: 'low' })).toMatchObject({ status: 404 });
    expect(await change(api, after ?? 0, { severity: 'low' })).toMatchObject({ status: 200 });
    expect(await entriesOf(api, id)).toMatchObject([{ id: after }]);
  });

  it.each([
    [false, []],
    [true, ['192.0.2.1']],
  ])('may revive what was set inactive before: %s', async (approvalRevives, values) => {
    const { api } = start({ approvalRevives });
    const id = await ready(api, ['192.0.2.1']);
    const [waiting = 0] = await idsOf(api, 'status=inactive');
    await change(api, waiting, { status: 'inactive' });
    await json(api, 'PATCH', `${SESSIONS}${id}/approve_all/`);
    expect(await valuesFor(api, '')).toEqual(values);
  });
});
