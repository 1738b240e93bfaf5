import { describe, expect, it } from 'vitest';
import type { Destination, Shipment } from '../../destinations/destination.ts';
import { createThreatStream } from '../../destinations/threatstream/threatstream.ts';
import type { ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { domains } from './threatstream-indicators.ts';
import { SIGNAL, shipmentsOf } from './threatstream-sandbox.ts';

const SENT_AT = '2026-11-24T08:00:00.000Z';
const RECEIPT = { kind: 'session', sessionId: '7', sentAt: SENT_AT };

interface Scripted {
  readonly threatstream: Destination;
  readonly requests: readonly HttpRequest[];
}

function json(status: number, body: unknown): HttpReply {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) };
}

function page(objects: readonly unknown[], next: string | null = null): HttpReply {
  return json(200, { meta: { next }, objects });
}

/** The adapter, told answers one after the other that the sandbox does not give. The last one is repeated. */
function scripted(replies: readonly HttpReply[], settings: Partial<ThreatStreamSettings> = {}, at = SENT_AT): Scripted {
  const requests: HttpRequest[] = [];
  const threatstream = createThreatStream(
    {
      baseUrl: 'https://threatstream.example',
      user: 'analyst',
      apiKey: 'a-secret-key',
      approval: 'required',
      visibility: 'private',
      ...settings,
    },
    {
      http: {
        async send(request) {
          requests.push(request);
          return replies[Math.min(requests.length, replies.length) - 1] ?? json(500, {});
        },
        async close() {},
      },
      pace: { async before() {}, answered() {}, async throttled() {} },
      now: () => new Date(at),
    },
  );
  return { threatstream, requests };
}

function shipment(threatstream: Destination, count = 3): Shipment {
  const [first] = shipmentsOf(threatstream, domains(count));
  if (first === undefined) throw new Error('Nothing was planned.');
  return first;
}

describe('an acknowledgement', () => {
  it('names its session as a number or as text', async () => {
    for (const id of [7, '7']) {
      const { threatstream } = scripted([json(202, { success: true, import_session_id: id, job_id: 'x' })]);
      expect(await threatstream.send(shipment(threatstream), SIGNAL)).toEqual(RECEIPT);
    }
  });

  it.each([
    ['another 2xx', json(200, { success: true, import_session_id: 7 }), 'Unavailable'],
    ['a 202 without a session', json(202, { success: true }), 'Unavailable'],
    ['a 202 that is an HTML page', { status: 202, headers: {}, text: '<html></html>' }, 'Unavailable'],
    ['a 202 with an error', json(202, { error: 'host1.example.com is no value' }), 'Rejected'],
    ['a 400', json(400, { error: 'host1.example.com is no value' }), 'Rejected'],
    ['a 404', json(404, {}), 'Refused'],
    ['a 413', json(413, {}), 'TooLarge'],
    ['a redirect', { status: 302, headers: {}, text: '' }, 'Refused'],
  ])('that is %s is a fault', async (_, reply, kind) => {
    const { threatstream } = scripted([reply]);
    const sent = threatstream.send(shipment(threatstream), SIGNAL);
    await expect(sent).rejects.toMatchObject({ kind, message: expect.not.stringContaining('host1') });
    await expect(sent).rejects.toMatchObject({ message: expect.not.stringContaining('a-secret-key') });
  });

  it('of one item repeats what was said, but not its value', async () => {
    const { threatstream } = scripted([json(400, { error: 'host0.example.com is <b>no</b> value' })]);
    const sent = threatstream.send(shipment(threatstream, 1), SIGNAL);
    await expect(sent).rejects.toMatchObject({
      message: expect.stringMatching(/declined the indicator with 400: .*… is no value/),
    });
  });
});

describe('a request', () => {
  it('acts on the cloud by remote_api where that is set, in the version that is set', async () => {
    const { threatstream, requests } = scripted([json(202, { success: true, import_session_id: 7 })], {
      remoteApi: true,
      importVersion: 'v1',
    });
    await threatstream.send(shipment(threatstream), SIGNAL);
    expect(requests[0]?.url).toBe('https://threatstream.example/api/v1/intelligence/import/?remote_api=true');
  });

  it('goes to the address of the settings only, whatever an answer says is next', async () => {
    const next = 'https://elsewhere.example/api/v2/intelligence/?limit=1000&offset=1000&api_key=x';
    const { threatstream, requests } = scripted([page([{ id: 1, value: 'a', tags: [] }], next), page([])], {
      ownerOrganizationId: 67,
    });
    await threatstream.retract([{ id: 1, value: 'a.example.com' }], SIGNAL);
    expect(requests.map(({ url }) => url)).toEqual([
      expect.stringContaining('https://threatstream.example/api/v2/intelligence/?value='),
      'https://threatstream.example/api/v2/intelligence/?limit=1000&offset=1000',
      expect.stringContaining('https://threatstream.example/api/v2/intelligence/?value='),
    ]);
  });
});

describe('a search for what a request brought', () => {
  const first = { id: 1, value: 'host0.example.com', tags: [] };
  const second = { id: 2, value: 'host1.example.com', tags: [] };
  const done = json(200, { id: 7, status: 'done', numIndicators: 2, numRejected: 0, tags: [] });

  it('looks at what waits for a review first, so that it misses nothing that is approved meanwhile', async () => {
    const { threatstream, requests } = scripted([page([first]), page([])], { approval: 'bypass' });
    expect(await threatstream.find(shipment(threatstream), new Date(0), SIGNAL)).not.toBeNull();
    expect(requests.map(({ url }) => new URL(url).searchParams.get('status'))).toEqual(['inactive', 'active']);
  });

  it('counts what is approved meanwhile once', async () => {
    const { threatstream } = scripted([done, page([first]), page([first])]);
    const asked = threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL);
    expect(await asked).toMatchObject({ kind: 'waiting' });
    const { threatstream: later } = scripted([done, page([first]), page([second])]);
    expect(await later.confirm(shipment(later), RECEIPT, SIGNAL)).toMatchObject({
      accepted: [1, 2],
      rejected: [{ id: 3 }],
    });
  });
});

describe('withdrawing', () => {
  const copy = { id: 1, value: 'a.example.com', tags: [{ name: 'mdti' }], owner_organization_id: 67 };
  it.each([
    ['another organisation’s', { ...copy, owner_organization_id: 999 }],
    ['one that is not ours to edit', { ...copy, is_editable: false }],
    ['one that came from elsewhere', { ...copy, tags: [{ name: 'other' }] }],
  ])('leaves a copy alone that is %s', async (_, object) => {
    const own = page([{ id: 7, status: 'done', organization: { id: 67 } }]);
    const { threatstream, requests } = scripted([own, page([object])]);
    const outcome = await threatstream.retract([{ id: 5, value: 'a.example.com' }], SIGNAL);
    expect(outcome).toEqual({ retracted: [], missing: [5] });
    expect(requests.map(({ method }) => method)).not.toContain('PATCH');
  });

  it('changes its own', async () => {
    const own = page([{ id: 7, status: 'done', organization: { id: 67 } }]);
    const { threatstream, requests } = scripted([own, page([copy]), json(200, {})]);
    const outcome = await threatstream.retract([{ id: 5, value: 'a.example.com' }], SIGNAL);
    expect(outcome).toEqual({ retracted: [5], missing: [] });
    expect(requests.at(-1)).toMatchObject({ method: 'PATCH', body: '{"status":"inactive"}' });
  });
});

describe('confirming', () => {
  const session = (fields: Readonly<Record<string, unknown>>) =>
    json(200, { id: 7, status: 'done', tags: null, ...fields });

  it.each([
    ['deleted', /rejected in review/],
    ['errors', /ended in errors: no \[text\]/],
  ])('a session that is %s rejects all', async (status, reason) => {
    const { threatstream } = scripted([session({ status, messages: 'no [text]' })]);
    const confirmation = await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL);
    if (confirmation.kind !== 'settled') throw new Error('It is not settled.');
    expect(confirmation.accepted).toEqual([]);
    expect(confirmation.rejected.map((item) => item.reason)).toEqual(Array(3).fill(expect.stringMatching(reason)));
  });

  it('waits in any status that it does not know', async () => {
    const { threatstream } = scripted([session({ status: 'pondering' })]);
    expect(await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL)).toEqual({
      kind: 'waiting',
      retryAfterMs: 2_000,
    });
  });

  it('rejects nobody by guess: a search that shows less than the session has is asked again, then said to show nothing', async () => {
    const replies = [session({ numIndicators: 2, numRejected: 1 }), page([])];
    const early = scripted(replies);
    expect(await early.threatstream.confirm(shipment(early.threatstream), RECEIPT, SIGNAL)).toMatchObject({
      kind: 'waiting',
    });
    const late = scripted(replies, {}, '2026-11-24T08:05:00.000Z');
    const confirmation = await late.threatstream.confirm(shipment(late.threatstream), RECEIPT, SIGNAL);
    expect(confirmation).toEqual({
      kind: 'settled',
      accepted: [1, 2, 3],
      rejected: [],
      unknown: [],
      note: 'ready for review; ThreatStream took 2 and rejected 1, but its search does not show which',
    });
  });

  it('takes a session that has vanished for gone only after a while', async () => {
    const early = scripted([json(404, {})]);
    expect(await early.threatstream.confirm(shipment(early.threatstream), RECEIPT, SIGNAL)).toMatchObject({
      kind: 'waiting',
    });
    const late = scripted([json(404, {})], {}, '2026-11-24T08:05:00.000Z');
    expect(await late.threatstream.confirm(shipment(late.threatstream), RECEIPT, SIGNAL)).toMatchObject({
      kind: 'settled',
      accepted: [],
    });
  });

  it('takes values in another case or without a closing slash for the same', async () => {
    const found = domains(3).map(({ indicator }, id) => ({
      id,
      value: `${indicator.key.value.toUpperCase()}/`,
      tags: [],
    }));
    const { threatstream } = scripted([session({ numIndicators: 3, numRejected: 1 }), page(found), page([])]);
    expect(await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL)).toMatchObject({
      accepted: [1, 2, 3],
      rejected: [],
    });
  });
});
