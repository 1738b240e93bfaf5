import { describe, expect, it } from 'vitest';
import type { Confirmation, Deliverable } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import { json, RECEIPT, SENT_AT, scripted, showing } from './scripted-threatstream.ts';
import { deliverable, domains } from './threatstream-indicators.ts';
import { only, SIGNAL, settle, shipmentsOf, startBench } from './threatstream-sandbox.ts';

const SESSION = { id: 7, status: 'done', numIndicators: 2, numRejected: 0, messages: '', organization: { id: '11' } };
/** When a search has had its time to show what a session brought. */
const LATER = new Date(Date.parse(SENT_AT) + 6 * 60_000).toISOString();

function urls(count: number): Deliverable[] {
  return Array.from({ length: count }, (_, index) =>
    deliverable(index + 1, 'url', `http://host${index}.example.com/a`),
  );
}

/** What is said of these by an appliance without the session's lists, when the session says that and a search shows these values. */
async function said(session: object, items: readonly Deliverable[], shown: readonly string[], at = SENT_AT) {
  const copies = shown.map((value) => ({ value }));
  const { threatstream, requests } = scripted(showing({ session: json(200, session), copies }), { import: 'text' }, at);
  const confirmation = await threatstream.confirm(only(shipmentsOf(threatstream, items)), RECEIPT, SIGNAL);
  return confirmation.kind === 'waiting' ? 'waiting' : { ...idsOf(confirmation), requests: requests.length };
}

function idsOf(confirmation: Extract<Confirmation, { kind: 'settled' }>) {
  const { accepted, rejected, unknown } = confirmation;
  return { accepted, rejected: rejected.map(({ id }) => id), unknown: unknown.map(({ id }) => id) };
}

describe('a session’s number, where URLs were sent in a text and their hosts may count, too', () => {
  it('is no proof: what a search shows counts', async () => {
    const [one, two] = ['http://host0.example.com/a', 'http://host1.example.com/a'];
    for (const numRejected of [0, null]) {
      const session = { ...SESSION, numRejected };
      expect(await said(session, urls(2), [one, two])).toMatchObject({ accepted: [1, 2], requests: 4 });
      // Perhaps hosts do not count, and the search is behind.
      expect(await said(session, urls(2), [one, 'host0.example.com'])).toBe('waiting');
      const late = { accepted: [1], rejected: [], unknown: [2] };
      expect(await said(session, urls(2), [one, 'host0.example.com'], LATER)).toMatchObject(late);
      expect(await said(session, urls(2), [one], LATER)).toMatchObject({ accepted: [1], rejected: [], unknown: [2] });
    }
  });

  it('is no proof of the domains beside a URL either', async () => {
    const items = [...domains(1), deliverable(2, 'url', 'http://host1.example.com/a')];
    const shown = ['http://host1.example.com/a', 'host1.example.com'];
    expect(await said(SESSION, items, shown, LATER)).toMatchObject({ accepted: [2], rejected: [], unknown: [1] });
  });

  it('is proof enough of what yields nothing besides', async () => {
    expect(await said(SESSION, domains(2), [])).toEqual({ accepted: [1, 2], rejected: [], unknown: [], requests: 2 });
  });

  it.each([true, false])('does not hide the URL that was left out (hosts are found: %s)', async (urlYieldsHost) => {
    const benign = ['http://host1.example.com/a', 'host1.example.com'];
    const bench = await startBench(
      'required',
      { rejectBenign: true, import: 'text' },
      { polls: 0, urlYieldsHost, benign, sessionLists: 'missing' },
    );
    const sent = only(shipmentsOf(bench.threatstream, urls(2)));
    const receipt = await send(bench.threatstream, sent, SIGNAL);
    bench.clock.at = new Date(bench.clock.at.getTime() + 6 * 60_000);
    const outcome = await settle(bench.threatstream, sent, receipt);
    // With hosts, the number is that of both, and nobody can tell of which.
    const [rejected, unknown] = urlYieldsHost ? [[], [2]] : [[2], []];
    expect(idsOf(outcome)).toEqual({ accepted: [1], rejected, unknown });
  });

  it('is all that there is where a search shows nothing of what waits for a review: it is believed, if it is that of all', async () => {
    const bench = await startBench(
      'required',
      { import: 'text' },
      { searchHides: ['active', 'inactive'], polls: 0, sessionLists: 'missing' },
    );
    const sent = only(shipmentsOf(bench.threatstream, urls(2)));
    const receipt = await send(bench.threatstream, sent, SIGNAL);
    expect(await bench.threatstream.confirm(sent, receipt, SIGNAL)).toMatchObject({ kind: 'waiting' });
    bench.clock.at = new Date(bench.clock.at.getTime() + 6 * 60_000);
    const outcome = await settle(bench.threatstream, sent, receipt);
    expect(idsOf(outcome)).toEqual({ accepted: [1, 2], rejected: [], unknown: [] });
    const less = { ...SESSION, numIndicators: 3 };
    expect(await said(less, urls(2), [], LATER)).toMatchObject({ accepted: [], unknown: [1, 2] });
  });
});

describe('a session that ended in errors without a readable number', () => {
  const ERRORS = { ...SESSION, status: 'errors', numIndicators: null, numRejected: null };

  it('has brought what a search shows', async () => {
    const shown = ['host0.example.com', 'host1.example.com'];
    expect(await said(ERRORS, domains(2), shown)).toMatchObject({ accepted: [1, 2], rejected: [], unknown: [] });
  });

  it('leaves the others unknown, but for those that it names itself', async () => {
    const messages = 'Failed: "HOST1.example.com", sub.host2.example.com.';
    const session = { ...ERRORS, messages };
    expect(await said(session, domains(3), ['host0.example.com'])).toBe('waiting');
    const late = { accepted: [1], rejected: [2], unknown: [3] };
    expect(await said(session, domains(3), ['host0.example.com'], LATER)).toMatchObject(late);
    expect(await said({ ...session, messages: [{ value: 'host1.example.com' }] }, domains(3), [], LATER)).toMatchObject(
      {
        accepted: [],
        rejected: [2],
        unknown: [1, 3],
      },
    );
    // What a search shows is there, whatever is said of it.
    expect(await said(session, domains(2), ['host0.example.com', 'host1.example.com'])).toMatchObject({
      accepted: [1, 2],
    });
  });

  it.each([0, '0'])('took nothing, where the number is %j', async (numIndicators) => {
    expect(await said({ ...ERRORS, numIndicators }, domains(2), [])).toMatchObject({ rejected: [1, 2] });
  });
});
