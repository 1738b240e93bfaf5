import { describe, expect, it } from 'vitest';
import { send } from '../../destinations/send.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { json, OURS, page, RECEIPT, scripted, shipment, showing } from './scripted-threatstream.ts';
import { SIGNAL } from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

/** An import session as recorded. (XSOAR `AnomaliThreatStreamv3`, mocked_data.json, list_import_job_response.) */
const SESSION = {
  approved_by_id: null,
  confidence: 50,
  date: '2023-03-19T14:29:40.592787',
  date_modified: '2023-03-19T14:29:40.804336',
  default_comment: null,
  email: 'some_email',
  exclude_source_domain: false,
  expiration_ts: '2023-06-17T14:29:40.592394',
  fileName: 'txt',
  fileType: 'url',
  file_name_label: null,
  id: 120759,
  intelligence_initiatives: [],
  intelligence_source: 'txt',
  is_anonymous: false,
  is_public: false,
  jobID: null,
  messages: 'Failed to import the URL ',
  name: '',
  notes: '',
  numIndicators: 0,
  numRejected: 0,
  num_private: 0,
  num_public: 0,
  organization: { id: '11', name: 'some_name', resource_uri: 'resource_uri' },
  processed_ts: '2023-03-19T14:29:40.793205',
  resource_uri: 'resource_uri',
  sandbox_submit: null,
  source_confidence_weight: 0,
  status: 'errors',
  tags: [
    { id: 'id1', name: 'tag1', org_id: 11 },
    { id: 'id2', name: 'tag2', org_id: 11 },
  ],
  threat_type: 'exploit',
  tlp: null,
  trusted_circles: [],
  user_id: 111,
  visibleForReview: true,
  workgroups: [],
};

/** An observable as recorded. (The same, mocked_domain_response.json.) */
const OBSERVABLE = {
  source_created: null,
  status: 'active',
  itype: 'mal_domain',
  expiration_ts: '9999-12-31T00:00:00.000Z',
  ip: '78.78.78.67',
  is_editable: false,
  feed_id: 0,
  update_id: 452320630,
  value: 'host0.example.com',
  is_public: true,
  threat_type: 'malware',
  workgroups: [],
  rdns: null,
  confidence: 50,
  uuid: '0873cb8c-47fe-4a1d-86ed-0c3403776e0d',
  retina_confidence: -1,
  trusted_circle_ids: null,
  id: 231017344,
  source: 'Analyst',
  owner_organization_id: 67,
  import_session_id: 1133,
  source_modified: null,
  type: 'domain',
  sort: [1617185876207, '231017344'],
  description: null,
  tags: null,
  threatscore: 40,
  latitude: 51.2993,
  modified_ts: '2021-03-31T10:17:56.207Z',
  org: 'Hetzner Online GmbH',
  asn: '24940',
  created_ts: '2021-03-31T10:17:13.553Z',
  tlp: 'amber',
  is_anonymous: false,
  country: 'DE',
  source_reported_confidence: 50,
  can_add_public_tags: true,
  longitude: 9.491,
  subtype: null,
  meta: { detail2: 'imported by user 136', severity: 'very-high' },
  resource_uri: '/api/v2/intelligence/231017344/',
};
const LIST_META = { limit: 1_000, next: null, offset: 0, previous: null, total_count: 1 };
const SEARCH_META = { total_count: 1, offset: 0, limit: 1_000, took: 8, next: null };
const LOST = { sentAfter: new Date(0), endedAt: new Date(0) };

function sessions(objects: readonly unknown[]): HttpReply {
  return json(200, { meta: LIST_META, objects });
}

/** Forms that no recorded field has. */
const ODD: readonly unknown[] = [null, 7, 'text', { id: 11 }, [[7]]];

function withField(
  object: Readonly<Record<string, unknown>>,
  field: string,
  value: unknown,
): Readonly<Record<string, unknown>> {
  return { ...object, [field]: value };
}

/** Without this field. */
function less(object: Readonly<Record<string, unknown>>, field: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== field));
}

/** An appliance without the lists of a session. */
const withoutLists = (session: unknown) => scripted(showing({ session: json(200, session) }));

describe('a recorded import session', () => {
  const done = { ...SESSION, status: 'done', numIndicators: 3, messages: '' };

  it('is read: ready for review, approved, in errors', async () => {
    for (const status of ['done', 'approved']) {
      const { threatstream } = withoutLists({ ...done, status });
      expect(await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL)).toMatchObject({
        accepted: [1, 2, 3],
      });
    }
    const { threatstream } = withoutLists(SESSION);
    expect(await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL)).toMatchObject({
      rejected: [{ reason: 'the import session ended in errors: Failed to import the URL' }, {}, {}],
    });
  });

  it('is read whatever a field that is not needed says, or whether it is there', async () => {
    const needed = new Set(['status', 'numIndicators']);
    for (const field of Object.keys(done).filter((name) => !needed.has(name))) {
      // As a count, 7 is readable.
      const odd = field === 'numRejected' ? ODD.filter((value) => value !== 7) : ODD;
      for (const form of [...odd.map((value) => withField(done, field, value)), less(done, field)]) {
        const { threatstream } = withoutLists(form);
        const confirmation = await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL);
        expect(confirmation, `${field}: ${JSON.stringify(form)}`).toMatchObject({ accepted: [1, 2, 3] });
      }
    }
  });

  it.each([3, '3', ' 3 '])('counts in numbers and in text: %j', async (numIndicators) => {
    const { threatstream } = withoutLists({ ...done, numIndicators, numRejected: '0' });
    expect(await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL)).toMatchObject({ accepted: [1, 2, 3] });
  });

  it.each([
    ['by its file', (stem: string) => ({ fileName: `${stem}.csv` })],
    [
      'by its file, with what a system puts around its name',
      (stem: string) => ({ fileName: `/tmp/7_${stem}.csv (1)` }),
    ],
    ['by the tag of an earlier release', () => ({ tags: ['other', { id: 'id1', name: 'mdti-sync:one:0' }] })],
  ])('is found %s, among sessions that cannot be read', async (_, fields) => {
    let own: object = {};
    const { threatstream } = scripted(() => sessions([SESSION, null, 'text', [], {}, { ...SESSION, ...own }]));
    const sent = shipment(threatstream);
    own = fields('mdti-sync-one-0');
    expect(await threatstream.find(sent, LOST, SIGNAL)).toMatchObject({
      kind: 'found',
      receipt: { kind: 'session', sessionId: '120759' },
    });
  });
});

describe('a list of sessions', () => {
  it('is read by what its pages hold, not by what was asked for', async () => {
    const full = json(200, { meta: { ...LIST_META, next: 'x?offset=2' }, objects: [SESSION, SESSION] });
    const { threatstream, requests } = scripted([full, sessions([]), page([])]);
    await threatstream.find(shipment(threatstream), LOST, SIGNAL);
    expect(requests.slice(0, 2).map(({ url }) => new URL(url).searchParams.get('offset'))).toEqual(['0', '2']);
  });

  it('that does not come to its end is no proof that a session is not there', async () => {
    const { threatstream } = scripted([json(200, { meta: { next: 'x?offset=1' }, objects: [SESSION] })]);
    const found = threatstream.find(shipment(threatstream), LOST, SIGNAL);
    await expect(found).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('sessions') });
  });
});

describe('a recorded observable', () => {
  /** As it would be if it were ours. */
  const brought = {
    ...OBSERVABLE,
    confidence: 80,
    expiration_ts: '2027-02-01T00:00:00.000Z',
    tags: [{ id: 't1', name: 'mdti' }, 'activitygroup:storm-0000'],
  };
  const changed = (objects: readonly unknown[], user = OURS) =>
    scripted((_, url) => {
      if (url.pathname.includes('/importsession/')) return sessions([]);
      return url.pathname.endsWith('/user/') ? user : json(200, { meta: SEARCH_META, objects });
    });

  it('leads to its session', async () => {
    const { threatstream } = changed([null, { ...brought, value: null }, brought]);
    expect(await threatstream.find(shipment(threatstream), LOST, SIGNAL)).toMatchObject({
      kind: 'found',
      receipt: { sessionId: '1133' },
    });
  });

  it('without a session, of which nobody tells whose it is, is there all the same, and not sent again', async () => {
    const { threatstream } = changed([{ ...brought, import_session_id: null }], json(404, {}));
    expect(await threatstream.find(shipment(threatstream), LOST, SIGNAL)).toMatchObject({ kind: 'found' });
  });

  it('is another’s, or one of no tag, and so is left alone', async () => {
    const { threatstream, requests } = changed([OBSERVABLE]);
    expect(await withdraw(threatstream, [{ id: 5, value: 'host0.example.com' }], SIGNAL)).toMatchObject({
      missing: [5],
    });
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('is read whatever a field that is not needed says, or whether it is there', async () => {
    const ours = { ...OBSERVABLE, tags: [{ id: 'f6g', name: 'mdti' }] };
    const needed = new Set(['id', 'value', 'tags', 'owner_organization_id', 'is_editable']);
    for (const field of Object.keys(ours).filter((name) => !needed.has(name))) {
      for (const form of [...ODD.map((value) => withField(ours, field, value)), less(ours, field)]) {
        const { threatstream } = scripted(
          ({ method }) =>
            method === 'PATCH' ? json(202, { status: 'inactive' }) : json(200, { meta: SEARCH_META, objects: [form] }),
          { ownerOrganizationId: 67 },
        );
        const outcome = await withdraw(threatstream, [{ id: 5, value: 'host0.example.com' }], SIGNAL);
        expect(outcome, field).toMatchObject({ withdrawn: [5] });
      }
    }
  });
});

describe('what is used and missing is said by its name', () => {
  it.each([
    ['objects', json(200, { meta: SEARCH_META }), 'no readable objects'],
    ['objects that are none', json(200, { meta: SEARCH_META, objects: null }), 'no readable objects'],
    ['an object', json(200, []), 'JSON of another form'],
  ])('%s', async (_, reply, said) => {
    const { threatstream } = scripted([reply]);
    const asked = withdraw(threatstream, [{ id: 5, value: 'host0.example.com' }], SIGNAL);
    await expect(asked).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining(said) });
  });

  it.each([
    ['nothing', undefined],
    ['no form that leads anywhere', 'some_next_token'],
    ['a number', 7],
  ])('a full page that says of the next one %s is not the last', async (_, next) => {
    const objects = Array.from({ length: 1_000 }, (__, id) => ({ id, value: `other${id}.example.com` }));
    const { threatstream } = scripted([json(200, { meta: { next }, objects })]);
    const asked = withdraw(threatstream, [{ id: 5, value: 'host0.example.com' }], SIGNAL);
    await expect(asked).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('meta.next') });
  });

  it.each([
    [{ success: true, job_id: 'x' }, /without a readable import_session_id/],
    [{ success: true, import_session_id: { id: 7 } }, /without a readable import_session_id/],
    [{ success: false, import_session_id: 7 }, /success: false/],
  ])('an acknowledgement of %j', async (body, said) => {
    const { threatstream } = scripted([json(202, body)]);
    const sent = send(threatstream, shipment(threatstream), SIGNAL);
    await expect(sent).rejects.toMatchObject({ kind: 'Unavailable', message: expect.stringMatching(said) });
  });

  it.each([
    { success: null },
    { success: 'true' },
    {},
    ...[false, 0, '', ' ', null, [], {}, 'a warning'].map((error) => ({ success: true, error })),
  ])('an acknowledgement with %j and a session is one', async (more) => {
    const { threatstream } = scripted([json(202, { ...more, import_session_id: '1000000344', job_id: null })]);
    expect(await send(threatstream, shipment(threatstream), SIGNAL)).toMatchObject({ sessionId: '1000000344' });
  });

  it.each(['required', 'bypass'] as const)(
    'a 202 with an error that says something declines it (%s)',
    async (approval) => {
      for (const error of ['no', true, 7, ['no'], { detail: 'no' }]) {
        const { threatstream } = scripted([json(202, { success: true, error })], { approval });
        await expect(send(threatstream, shipment(threatstream), SIGNAL)).rejects.toMatchObject({ kind: 'Rejected' });
      }
    },
  );

  it.each([false, 0, '', null, [], {}])('a direct write with the error %j was taken in', async (error) => {
    const { threatstream } = scripted([json(202, { error })], { approval: 'bypass' });
    expect(await send(threatstream, shipment(threatstream), SIGNAL)).toMatchObject({ kind: 'direct' });
  });
});
