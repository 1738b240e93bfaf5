import { describe, expect, it } from 'vitest';
import type { Confirmation } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { json, page, RECEIPT, SENT_AT, type Shown, scripted, shipment, showing } from './scripted-threatstream.ts';
import { domains } from './threatstream-indicators.ts';
import { SIGNAL } from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

describe('an acknowledgement', () => {
  it('names its session as a number or as text', async () => {
    for (const id of [7, '7']) {
      const { threatstream } = scripted([json(202, { success: true, import_session_id: id, job_id: 'x' })]);
      expect(await send(threatstream, shipment(threatstream), SIGNAL)).toEqual(RECEIPT);
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
    const sent = send(threatstream, shipment(threatstream), SIGNAL);
    await expect(sent).rejects.toMatchObject({ kind, message: expect.not.stringContaining('host1') });
    await expect(sent).rejects.toMatchObject({ message: expect.not.stringContaining('a-secret-key') });
  });

  it('of one item repeats what was said, but not its value', async () => {
    const { threatstream } = scripted([json(400, { error: 'host0.example.com is <b>no</b> value' })]);
    const sent = send(threatstream, shipment(threatstream, 1), SIGNAL);
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
    await send(threatstream, shipment(threatstream), SIGNAL);
    expect(requests[0]?.url).toBe('https://threatstream.example/api/v1/intelligence/import/?remote_api=true');
  });

  it('goes to the address of the settings only, whatever an answer says is next', async () => {
    const next = 'https://elsewhere.example/api/v2/intelligence/?limit=1000&offset=1000&api_key=x';
    const { threatstream, requests } = scripted([page([{ id: 1, value: 'a', tags: [] }], next), page([])], {
      ownerOrganizationId: 67,
    });
    await withdraw(threatstream, [{ id: 1, value: 'a.example.com' }], SIGNAL);
    expect(requests.map(({ url }) => url)).toEqual([
      expect.stringContaining('https://threatstream.example/api/v2/intelligence/?value='),
      'https://threatstream.example/api/v2/intelligence/?value=a.example.com&status=inactive&limit=1000&order_by=update_id&offset=1000',
      expect.stringContaining('https://threatstream.example/api/v2/intelligence/?value='),
    ]);
  });
});

describe('confirming', () => {
  const copyOf = (index: number) => ({ value: `host${index}.example.com` });
  const [first, second, third] = [copyOf(0), copyOf(1), copyOf(2)] as const;
  const session = (fields: Readonly<Record<string, unknown>>) =>
    json(200, { id: 7, status: 'done', tags: null, ...fields });

  it.each([
    ['deleted', /import review, by an analyst/],
    ['Deleted ', /import review, by an analyst/],
    ['errors', /ended in errors: no \[text\]/],
  ])('a session that is %s rejects all', async (status, reason) => {
    const { threatstream } = scripted(
      showing({ session: session({ status, numIndicators: 0, messages: 'no [text]' }) }),
    );
    const confirmation = await threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL);
    if (confirmation.kind !== 'settled') throw new Error('It is not settled.');
    expect(confirmation.accepted).toEqual([]);
    expect(confirmation.rejected.map((item) => item.reason)).toEqual(Array(3).fill(expect.stringMatching(reason)));
  });

  const at = (minutes: number): string => new Date(Date.parse(SENT_AT) + minutes * 60_000).toISOString();
  const asked = async (answers: Shown, minutes: number): Promise<Confirmation> => {
    const { threatstream } = scripted(showing(answers), {}, at(minutes));
    return threatstream.confirm(shipment(threatstream), RECEIPT, SIGNAL);
  };
  const WAITS = { kind: 'waiting', retryAfterMs: 2_000 };

  it.each(['processing', 'approving', 'rejecting', 'pondering', 7, null])(
    'a session that is %j waits, and not for ever: what no search shows is unknown then',
    async (status) => {
      const answers = { session: session({ status }), copies: [first] };
      expect(await asked(answers, 59)).toEqual(WAITS);
      expect(await asked(answers, 60)).toMatchObject({
        accepted: [1],
        rejected: [],
        unknown: [{ id: 2, reason: expect.stringMatching(/import session is still/) }, { id: 3 }],
      });
    },
  );

  it('a session that has vanished leaves what no search shows unknown, after a while', async () => {
    const answers = { session: json(404, {}), copies: [second] };
    expect(await asked(answers, 4)).toEqual(WAITS);
    expect(await asked(answers, 5)).toMatchObject({
      accepted: [2],
      rejected: [],
      unknown: [{ id: 1, reason: expect.stringMatching(/no longer has its import session/) }, { id: 3 }],
    });
  });

  it('nobody is rejected or accepted by guess, where the search shows less than the session has', async () => {
    const answers = { session: session({ numIndicators: 2, numRejected: 1 }), copies: [] };
    expect(await asked(answers, 4)).toEqual(WAITS);
    const reason = 'ThreatStream took 2 observables for 3 indicators and rejected 1, and does not show which';
    expect(await asked(answers, 5)).toEqual({
      kind: 'settled',
      accepted: [],
      rejected: [],
      unknown: [1, 2, 3].map((id) => ({ id, reason })),
      given: [],
      note: 'ready for review',
      awaitsReview: true,
    });
    expect(await asked({ ...answers, copies: [first] }, 5)).toMatchObject({
      accepted: [1],
      unknown: [{ id: 2 }, { id: 3 }],
    });
  });

  it('the search has its time from the end of the session, by its own clock, and no more than a session has', async () => {
    const ended = { numIndicators: 2, numRejected: 1, date_modified: at(30).slice(0, 23) };
    expect(await asked({ session: session(ended), copies: [] }, 34)).toEqual(WAITS);
    expect(await asked({ session: session(ended), copies: [] }, 35)).toMatchObject({ kind: 'settled' });
    const ahead = { ...ended, date_modified: '2036-01-01T00:00:00.000' };
    expect(await asked({ session: session(ahead), copies: [] }, 59)).toEqual(WAITS);
    expect(await asked({ session: session(ahead), copies: [] }, 60)).toMatchObject({ kind: 'settled' });
  });

  it('a session that took nothing, since it had all from a request that came late, has all', async () => {
    const answers = { session: session({ numIndicators: 0, numRejected: 0 }), copies: [first, second, third] };
    expect(await asked(answers, 0)).toMatchObject({ accepted: [1, 2, 3], rejected: [], unknown: [] });
  });

  it('a session that ended in errors and took some in nevertheless rejects only what is seen not to be there', async () => {
    const answers = { session: session({ status: 'errors', numIndicators: 1 }), copies: [second] };
    expect(await asked(answers, 0)).toMatchObject({ accepted: [2], rejected: [{ id: 1 }, { id: 3 }] });
  });

  it('a session that does not say how many it took goes by the search, and says so', async () => {
    const answers = { session: session({ numIndicators: null }), copies: [first] };
    expect(await asked(answers, 4)).toEqual(WAITS);
    expect(await asked(answers, 5)).toMatchObject({
      accepted: [1],
      unknown: [{ id: 2, reason: expect.stringMatching(/readable numIndicators/) }, { id: 3 }],
    });
    expect(await asked({ ...answers, copies: [first, second, third] }, 0)).toMatchObject({ accepted: [1, 2, 3] });
  });

  it('takes values in another case or without a closing slash for the same', async () => {
    const included = domains(3).map(({ indicator }, id) => ({ id, value: `${indicator.key.value.toUpperCase()}/` }));
    const shown = { session: session({ numIndicators: 3, numRejected: 1 }), included };
    expect(await asked(shown, 0)).toMatchObject({ accepted: [1, 2, 3], rejected: [] });
    const copies = included.map(({ value }) => ({ value }));
    expect(await asked({ ...shown, included: null, copies }, 0)).toMatchObject({ accepted: [1, 2, 3], rejected: [] });
  });
});
