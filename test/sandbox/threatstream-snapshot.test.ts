import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ThreatStreamApi } from '../../sandbox/threatstream/threatstream-api.ts';
import {
  call,
  change,
  idsOf,
  importAll,
  imported,
  json,
  objectsOf,
  start,
  through,
  valuesFor,
} from './threatstream-caller.ts';

const SEARCH = '/api/v2/intelligence/?status=active,inactive,falsepos&limit=0';
const SESSIONS = '/api/v1/importsession/';

/** As JSON, as it is kept. */
function saved(api: ThreatStreamApi): unknown {
  return JSON.parse(JSON.stringify(api.snapshot()));
}

describe('a snapshot', () => {
  it('keeps what is held and what was decided: ids, updates, sessions, rejects, comments, counts', async () => {
    const first = start({ benign: ['192.0.2.9'] });
    await imported(first.api, ['192.0.2.1', 'evil.example.com'], { tags: '[{"name":"open"}]' });
    const { id } = await importAll(first.api, ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.9']);
    await through(first.api, id);
    const [, excluded = 0] = await idsOf(first.api, 'status=inactive');
    await json(first.api, 'DELETE', `${SESSIONS}${id}/delete_selected/?create_rejected=true&ids=${excluded}`);
    const [one = 0, two = 0] = await idsOf(first.api, '');
    await change(first.api, two, { status: 'falsepos' });
    await change(first.api, one, { confidence: 12 });
    await call(first.api, 'POST', `/api/v1/intelligence/${one}/tag/`, '{"tags":[{"name":"own","tlp":"red"}]}');
    await call(first.api, 'POST', '/api/v2/intelligence/comments/?value=192.0.2.1', '{"comment":"one","tlp":"red"}');
    const seen = async (api: ThreatStreamApi) => ({
      holdings: api.holdings(),
      objects: await objectsOf(api, SEARCH),
      sessions: await objectsOf(api, SESSIONS),
      entries: await objectsOf(api, `${SESSIONS}${id}/intelligence/`),
      rejects: await objectsOf(api, `${SESSIONS}${id}/rejects/`),
      comments: (await json(api, 'GET', '/api/v2/intelligence/comments/?value=192.0.2.1')).body,
    });
    const { api } = start({}, saved(first.api));
    expect(await seen(api)).toEqual(await seen(first.api));
    const { requests, wildcards, sessions, ...counts } = first.api.counts();
    expect([requests > 0, wildcards, sessions]).toEqual([true, 0, 2]);
    const since = { sessions: 0, tagWrites: 0, comments: 0, confidences: 0 };
    expect(api.counts()).toMatchObject({ ...counts, ...since, tags: { own: 1 } });
    // What was excluded has left its id to nobody, and goes on where it was.
    expect(await change(api, excluded, { confidence: 1 })).toMatchObject({ status: 404 });
    await imported(api, ['192.0.2.7']);
    expect(await idsOf(api, 'value=192.0.2.7')).toEqual([excluded + 1]);
    await json(api, 'PATCH', `${SESSIONS}${id}/approve_all/`);
    expect(await valuesFor(api, '')).toEqual(['192.0.2.1', '192.0.2.7', '192.0.2.2']);
  });

  it('takes in what is under way, and discards what arrives again', async () => {
    const first = start();
    await importAll(first.api, ['192.0.2.1']);
    const { api } = start({}, saved(first.api));
    expect(api.holdings()).toMatchObject([{ value: '192.0.2.1', status: 'awaiting-review' }]);
    await importAll(api, ['192.0.2.1']);
    expect(api.counts()).toMatchObject({ holds: 1, duplicates: 1, discarded: 1 });
  });

  it('keeps a decision that is not through', async () => {
    const first = start({ decisionPolls: 3 });
    const { id } = await importAll(first.api, ['192.0.2.1']);
    await through(first.api, id);
    first.api.review({ decision: 'approve' });
    const { api } = start({}, saved(first.api));
    expect(api.holdings()).toMatchObject([{ status: 'awaiting-review' }]);
    const statuses: unknown[] = [];
    for (let asked = 0; asked < 3; asked += 1)
      statuses.push((await json(api, 'GET', `${SESSIONS}${id}/`)).body['status']);
    expect(statuses).toEqual(['approving', 'approving', 'approved']);
    expect(await valuesFor(api, '')).toEqual(['192.0.2.1']);
  });

  it('of an older sandbox is read, too', async () => {
    const profile = {
      itype: 'mal_ip',
      confidence: 50,
      severity: 'medium',
      tlp: null,
      tags: [{ name: 'mdti', tlp: 'red' }],
      expiration: null,
      isPublic: false,
      source: '',
      sessionId: '1000000001',
    };
    const session = {
      id: '1000000001',
      jobId: 'a',
      status: 'done',
      pollsLeft: -1,
      accepted: 2,
      rejected: 1,
      messages: '',
      threatType: 'malware',
      confidence: 50,
      expiration: null,
      isPublic: false,
      source: '',
      tags: [],
      tlp: null,
      created: '2026-11-24T07:00:00.000Z',
      modified: '2026-11-24T07:00:00.000Z',
    };
    const older = {
      profiles: [profile],
      entries: [
        ['192.0.2.1', 'ip', 0, 'awaiting-review'],
        ['192.0.2.2', 'ip', 0, 'gone', 1_795_000_000_000],
        ['192.0.2.3', 'ip', 0, 'awaiting-review', 1_795_000_000_000],
      ],
      sessions: [session],
      counts: { duplicates: 3, updates: 2, retracted: 1 },
    };
    const { api } = start({}, older);
    expect(api.counts()).toMatchObject({
      holds: 2,
      duplicates: 3,
      updates: 2,
      withdrawn: 1,
      discarded: 0,
      tagNames: 1,
    });
    const updates = (await objectsOf(api, SEARCH)).map((object) => z.int().parse(object['update_id']));
    expect(updates).toEqual(updates.toSorted((a, b) => a - b));
    expect(new Set(await idsOf(api, 'status=inactive')).size).toBe(3);
    expect((await json(api, 'GET', `${SESSIONS}1000000001/`)).body).toMatchObject({ status: 'done', numIndicators: 2 });
    await json(api, 'PATCH', `${SESSIONS}1000000001/approve_all/`);
    expect(await valuesFor(api, '')).toEqual(['192.0.2.1', '192.0.2.3']);
  });
});
