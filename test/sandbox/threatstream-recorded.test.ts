import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, FORM, form, IMPORT, importAll, json, settled, start, valuesFor } from './threatstream-caller.ts';

/** Fields of an import session as recorded. (XSOAR `AnomaliThreatStreamv3`, mocked_data.json.) */
const SESSION_FIELDS =
  `approved_by_id confidence date date_modified default_comment email exclude_source_domain expiration_ts fileName
  fileType file_name_label id intelligence_initiatives intelligence_source is_anonymous is_public jobID messages name notes numIndicators
  numRejected num_private num_public organization processed_ts resource_uri sandbox_submit source_confidence_weight status tags
  threat_type tlp trusted_circles user_id visibleForReview workgroups`.split(/\s+/);
/** Fields of an observable as recorded. (The same, mocked_domain_response.json.) */
const OBSERVABLE_FIELDS =
  `source_created status itype expiration_ts ip is_editable feed_id update_id value is_public threat_type
  workgroups rdns confidence uuid retina_confidence trusted_circle_ids id source owner_organization_id import_session_id source_modified
  type sort description tags threatscore latitude modified_ts org asn created_ts tlp is_anonymous country source_reported_confidence
  can_add_public_tags longitude subtype meta resource_uri`.split(/\s+/);

const objectsOf = z.object({ objects: z.array(z.record(z.string(), z.unknown())) });

async function listed(api: ReturnType<typeof start>['api'], target: string) {
  return objectsOf.parse((await json(api, 'GET', target)).body).objects;
}

describe('in the form of recorded replies', () => {
  it('is an import session: every field, an organisation with its id as text, nulls where nothing is', async () => {
    const { api } = start({ foreignSessions: 1 });
    const { id } = await importAll(api, ['192.0.2.1']);
    const processing = (await json(api, 'GET', `/api/v1/importsession/${id}/`)).body;
    expect(processing).toMatchObject({ status: 'processing', processed_ts: null });
    const done = (await json(api, 'GET', `/api/v1/importsession/${id}/`)).body;
    const [foreign, ours] = await listed(api, '/api/v1/importsession/');
    for (const session of [processing, done, foreign, ours]) {
      expect(Object.keys(session ?? {}).toSorted()).toEqual(SESSION_FIELDS.toSorted());
    }
    expect(done).toMatchObject({
      id: Number(id),
      organization: { id: '67' },
      approved_by_id: null,
      jobID: null,
      fileName: null,
      tags: [{ name: 'mdti', org_id: 67 }, { name: 'mdti-sync:one:1' }],
    });
    expect(foreign).toMatchObject({ organization: { id: '999' } });
  });

  it('is an observable, ours and another’s: every field, its owner as a number, a tag without a TLP without one', async () => {
    const { api } = start({ polls: 0, foreignCopies: 1 });
    const { id } = await importAll(api, ['evil.example.com'], { default_state: 'active' });
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    const objects = await listed(api, '/api/v2/intelligence/?value=evil.example.com');
    expect(objects).toHaveLength(2);
    for (const object of objects) expect(Object.keys(object).toSorted()).toEqual(OBSERVABLE_FIELDS.toSorted());
    expect(objects[1]).toMatchObject({ owner_organization_id: 67, import_session_id: Number(id), tlp: null });
    expect(objects[1]?.['tags']).toEqual([
      { id: expect.stringMatching(/^\w+$/), name: 'mdti', tlp: 'red' },
      { id: expect.stringMatching(/^\w+$/), name: 'mdti-sync:one:1' },
    ]);
    const untagged = start({ polls: 0 });
    await importAll(untagged.api, ['192.0.2.1'], { tags: '[]', default_state: 'active' });
    await json(untagged.api, 'GET', '/api/v1/importsession/1000000001/');
    expect(await listed(untagged.api, '/api/v2/intelligence/?value=192.0.2.1')).toMatchObject([{ tags: null }]);
  });

  it('is the account, unless it may not be seen', async () => {
    const { api, setFaults } = start();
    expect(await listed(api, '/api/v1/user/')).toMatchObject([{ organization: { id: '67' } }]);
    for (const [userEndpoint, status] of [
      ['forbidden', 403],
      ['missing', 404],
      ['fails', 500],
    ] as const) {
      setFaults({ userEndpoint });
      expect(await call(api, 'GET', '/api/v1/user/')).toMatchObject({ status });
    }
  });
});

describe('a gateway that answers too early', () => {
  it('answers 504, and the request comes in so many requests later', async () => {
    const { api } = start({ earlyAnswers: 1, lateByRequests: 2 });
    expect(await call(api, 'POST', IMPORT, form(['192.0.2.1']), FORM)).toMatchObject({ status: 504 });
    for (const sessions of [0, 0, 1]) {
      await call(api, 'GET', '/api/v2/intelligence/');
      expect(api.counts().sessions).toBe(sessions);
    }
  });

  it('or so much later', async () => {
    let now = new Date('2026-11-24T08:00:00Z');
    const { api } = start({ earlyAnswers: 1, lateByRequests: 0, lateByMs: 4_000 }, undefined, () => now);
    expect(await call(api, 'POST', IMPORT, form(['192.0.2.1']), FORM)).toMatchObject({ status: 504 });
    await call(api, 'GET', '/api/v2/intelligence/');
    expect(api.counts().sessions).toBe(0);
    now = new Date('2026-11-24T08:00:04Z');
    await call(api, 'GET', '/api/v2/intelligence/');
    expect(api.counts().sessions).toBe(1);
  });
});

describe('an import session', () => {
  it('can stay processing, and brings nothing', async () => {
    const { api } = start({ stuckSessions: 1 });
    const { id } = await importAll(api, ['192.0.2.1']);
    for (let asked = 0; asked < 10; asked += 1) {
      const { body } = await json(api, 'GET', `/api/v1/importsession/${id}/`);
      expect(body).toMatchObject({ status: 'processing', numIndicators: 0 });
    }
    expect(api.counts().holds).toBe(0);
  });

  it('can vanish, with what it was to bring, and leaves its id to no other', async () => {
    const { api } = start({ vanishingSessions: 2 });
    const [first, second, third] = [
      await importAll(api, ['192.0.2.1']),
      await importAll(api, ['192.0.2.2']),
      await importAll(api, ['192.0.2.3']),
    ];
    expect(await call(api, 'GET', `/api/v1/importsession/${second.id}/`)).toMatchObject({ status: 404 });
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    await settled(api, first.id);
    await settled(api, third.id);
    expect(api.counts()).toMatchObject({ holds: 2, sessions: 3 });
  });

  it('can say another status than any that is known', async () => {
    const { api } = start({ sessionStatus: 'pondering' });
    const { id } = await importAll(api, ['192.0.2.1']);
    expect((await json(api, 'GET', `/api/v1/importsession/${id}/`)).body).toMatchObject({ status: 'pondering' });
  });
});

describe('a search', () => {
  it('can show nothing of a status', async () => {
    const { api, setFaults } = start({ polls: 0, searchHides: ['active'] });
    const { id } = await importAll(api, ['192.0.2.1'], { default_state: 'active' });
    await json(api, 'GET', `/api/v1/importsession/${id}/`);
    expect(await valuesFor(api, 'value=192.0.2.1')).toEqual([]);
    setFaults({ searchHides: ['inactive'] });
    expect(await valuesFor(api, 'value=192.0.2.1')).toEqual(['192.0.2.1']);
  });
});

describe('tags of an object in a write without approval', () => {
  it.each([
    ['add', ['own', 'shared']],
    ['replace', ['own']],
  ] as const)('%s', async (objectTags, names) => {
    const { api } = start({ polls: 0, objectTags });
    const body = {
      objects: [
        { srcip: '192.0.2.1', itype: 'mal_ip', tags: ['own'] },
        { srcip: '192.0.2.2', itype: 'mal_ip' },
      ],
      meta: { classification: 'private', tags: [{ name: 'shared', tlp: 'red' }] },
    };
    await call(api, 'PATCH', '/api/v2/intelligence/', JSON.stringify(body));
    await valuesFor(api, '');
    expect(api.holdings().map(({ tags }) => tags)).toEqual([names, ['shared']]);
  });
});
