import { describe, expect, test } from 'vitest';
import { Fault } from '../../indicators/fault.ts';
import { deliver, rendered, SERVERS, SIGNAL, settled, shipmentOf, startTaxii, type TaxiiBench } from './taxii-bench.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';

/** Brings one request of these, and gives the fault that it ends in. */
async function faultOf(bench: TaxiiBench, items = oneOfEach()): Promise<Fault> {
  return faultIn(() => bench.taxii.bring(shipmentOf(rendered(bench.taxii, items)), SIGNAL));
}

async function faultIn(act: () => Promise<unknown>): Promise<Fault> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return expect.fail('It did not fail.');
}

const page = (status: number, text: string, headers: Record<string, string> = {}) => ({ status, headers, text });
const posts = ({ method, body = '' }: { method: string; body?: string }) =>
  method === 'POST' && body.includes('"indicator"');

describe.each(SERVERS)('a server like %s', (duplicates) => {
  test.each([
    [401, { signIn: 'bearer' as const }, /signIn/],
    [403, { writesRefused: true }, /read the collection and to write to it/],
    [404, { collectionGone: true }, /apiRoot and collection/],
  ])('that answers %i refuses', async (answered, faults, sentence) => {
    // (Source: OpenTAXII 0.9.3: what may not be written is not there.)
    const hides = answered === 403 && duplicates === 'opentaxii';
    const status = hides ? 404 : answered;
    const bench = await startTaxii({ duplicates, ...faults });
    const fault = await faultOf(bench);
    expect(fault).toMatchObject({ kind: 'Refused' });
    expect(fault.message).toContain(String(status));
    expect(fault.message).toMatch(hides ? /apiRoot and collection/ : sentence);
    bench.setFaults({ signIn: 'both', writesRefused: false, collectionGone: false });
    expect(await deliver(bench, oneOfEach())).toMatchObject({ accepted: [1, 2, 3, 4, 5, 6, 7, 8] });
  });

  test.each([406, 415])('that answers %i does not speak TAXII 2.1', async (status) => {
    const bench = await startTaxii({ duplicates });
    bench.answers.before = (request) => (posts(request) ? page(status, '') : null);
    expect(await faultOf(bench)).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('does not speak TAXII 2.1'),
    });
  });

  test.each([400, 414])(
    'that answers %i to whatever is asked by an id refuses, and is not asked for ever',
    async (status) => {
      const bench = await startTaxii({ duplicates });
      bench.answers.before = ({ url }) => (url.includes('match%5Bid%5D') ? page(status, '') : null);
      const fault = await faultOf(bench);
      expect(fault).toMatchObject({
        kind: 'Refused',
        message: expect.stringContaining(`${status} where it was asked`),
      });
    },
  );

  test('whose collection may not be written, or not be read, is refused before anything leaves', async () => {
    const unwritable = await startTaxii({ duplicates, canWrite: false });
    expect(await faultOf(unwritable)).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('written to'),
    });
    const unreadable = await startTaxii({ duplicates }, { collection: '00000000-5a4d-4074-8a11-000000000003' });
    expect(await faultOf(unreadable)).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('what cannot be read cannot be confirmed'),
    });
    expect([...unwritable.added(), ...unreadable.added()]).toEqual([]);
  });

  test('that is asked whether it answers at all says so by its collection alone', async () => {
    const bench = await startTaxii({ duplicates });
    const at = { sentAfter: bench.clock.at, endedAt: bench.clock.at };
    expect(await bench.taxii.find(shipmentOf([]), at, SIGNAL)).toEqual({ kind: 'absent' });
    expect(bench.requests).toHaveLength(1);
    bench.setFaults({ everyNth503: 1 });
    expect(await faultIn(() => bench.taxii.find(shipmentOf([]), at, SIGNAL))).toMatchObject({ kind: 'Unavailable' });
  });

  test.each([307, 308, 302])('that redirects (%i) never gets the credentials elsewhere', async (status) => {
    const other = await startTaxii({ duplicates });
    const bench = await startTaxii({ duplicates, redirectsTo: other.url });
    bench.answers.after = (_request, reply) => ({ ...reply, status });
    const fault = await faultOf(bench);
    expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining('apiRoot') });
    expect(other.tip.counts().requests).toBe(0);
  });

  test.each(['seconds', 'date'] as const)('that is away is waited for, as it asks (in %s)', async (retryAfterAs) => {
    const bench = await startTaxii({ duplicates, everyNth503: 1, retryAfterSeconds: 7, retryAfterAs });
    const fault = await faultOf(bench);
    expect(fault).toMatchObject({ kind: 'Unavailable' });
    expect(fault.retryAfterMs).toBeGreaterThan(5_000);
    bench.setFaults({ retryAfterSeconds: null });
    expect((await faultOf(bench)).retryAfterMs).toBeUndefined();
  });

  test('that has had too much is told to the pace', async () => {
    const bench = await startTaxii({ duplicates });
    bench.answers.before = (request) => (posts(request) ? page(429, '', { 'retry-after': '3' }) : null);
    expect(await faultOf(bench)).toMatchObject({ kind: 'Throttled', retryAfterMs: 3_000 });
    expect(bench.throttled).toEqual([3_000]);
  });

  test.each([
    ['a page of HTML', '<html>Sign in</html>'],
    ['half of an answer', '{"id":"a'],
    ['nothing', ''],
  ])('whose acknowledgement is %s may have it: it is looked for and not sent again', async (_, text) => {
    const bench = await startTaxii({ duplicates });
    bench.answers.after = (request, reply) => (posts(request) ? { ...reply, status: 200, text } : reply);
    const shipment = shipmentOf(rendered(bench.taxii, oneOfEach()));
    const fault = await faultIn(() => bench.taxii.bring(shipment, SIGNAL));
    expect(fault).toMatchObject({ kind: 'Unavailable' });
    const lost = { sentAfter: bench.clock.at, endedAt: bench.clock.at };
    const found = await bench.taxii.find(shipment, lost, SIGNAL);
    if (found.kind !== 'found') expect.fail(found.kind);
    expect(await settled(bench, bench.taxii, shipment, found.receipt)).toMatchObject({
      accepted: [1, 2, 3, 4, 5, 6, 7, 8],
    });
    expect(bench.tip.counts()).toMatchObject({ holds: 8, duplicates: 0 });
  });

  test('that never got it is asked again only after the grace', async () => {
    const bench = await startTaxii({ duplicates }, { lostAckGrace: 10_000 });
    const shipment = shipmentOf(rendered(bench.taxii, oneOfEach()));
    const lost = { sentAfter: bench.clock.at, endedAt: bench.clock.at };
    expect(await bench.taxii.find(shipment, lost, SIGNAL)).toMatchObject({ kind: 'waiting' });
    bench.clock.at = new Date(bench.clock.at.getTime() + 10_000);
    expect(await bench.taxii.find(shipment, lost, SIGNAL)).toEqual({ kind: 'absent' });
  });

  test.each([
    ['an error in a 200', '{"error":"no"}'],
    ['a text', '"ok"'],
    ['a list', '[]'],
  ])('that answers a question with %s has not said that nothing is there', async (_, text) => {
    const bench = await startTaxii({ duplicates });
    const { shipment, held } = await deliver(bench, oneOfEach());
    bench.answers.after = (request, reply) => (request.method === 'GET' ? { ...reply, text } : reply);
    const ask = () => bench.taxii.confirm(shipment, { sentAt: '2020-01-01T00:00:00Z', status: null }, SIGNAL);
    expect(await faultIn(ask)).toMatchObject({ kind: 'Unavailable' });
    const items = shipment.items.map(({ id, key }) => ({ id, key, held: held.get(id) ?? null }));
    expect(await faultIn(() => bench.taxii.withdraw(items, SIGNAL))).toMatchObject({ kind: 'Unavailable' });
  });

  test('takes bodies of nine tenths of its limit at most, counted in bytes', async () => {
    const bench = await startTaxii({ duplicates, maxContentLength: 10_000 });
    const items = domains(60, { description: 'é😀'.repeat(60) });
    expect((await deliver(bench, items)).accepted).toHaveLength(60);
    const sizes = bench.requests.filter(posts).map(({ body = '' }) => Buffer.byteLength(body));
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(9_000);
    expect(bench.tip.counts()).toMatchObject({ holds: 60, duplicates: 0 });
  });

  test('behind a proxy that takes less is too large for it', async () => {
    const bench = await startTaxii({ duplicates, proxyBodyLimit: 5_000 });
    expect(await faultOf(bench, domains(20))).toMatchObject({ kind: 'TooLarge' });
    expect(await deliver(bench, domains(4))).toMatchObject({ accepted: [1, 2, 3, 4] });
  });

  test('declines one, whichever it was: nothing of it is sent twice', async () => {
    const bench = await startTaxii({ duplicates, poison: ['host4.'] });
    const items = domains(8);
    const whole = await faultOf(bench, items);
    expect(whole).toMatchObject({ kind: 'Rejected', inPart: true });
    expect(whole.message).not.toContain('host4');
    const halves = [items.slice(0, 4), items.slice(4, 5), items.slice(5)];
    const [first = [], alone = [], last = []] = halves;
    expect((await deliver(bench, first)).accepted).toHaveLength(4);
    expect(await faultOf(bench, alone)).toMatchObject({ kind: 'Rejected', inPart: false });
    expect((await deliver(bench, last)).accepted).toHaveLength(3);
    expect(bench.tip.counts()).toMatchObject({ holds: 7, duplicates: 0 });
  });

  test.each([1, 3, 20])(
    'that gives %i objects in a page is read to the end, and a page that failed never asked for again',
    async (pageSize) => {
      const bench = await startTaxii({ duplicates, pageSize });
      expect((await deliver(bench, domains(20))).accepted).toHaveLength(20);
      bench.setFaults({ nextForgotten: true });
      expect((await deliver(bench, domains(20))).accepted).toHaveLength(20);
      const tokens = bench.requests.map(({ url }) => url).filter((url) => url.includes('next='));
      expect(tokens.every((url) => url.includes('limit='))).toBe(true);
      expect(bench.tip.counts()).toMatchObject({ duplicates: 0 });
    },
  );

  test('that takes no long address is asked for fewer ids', async () => {
    const bench = await startTaxii({ duplicates, longestPath: 400 });
    expect((await deliver(bench, domains(30))).accepted).toHaveLength(30);
    bench.setFaults({ longestPath: 4_094 });
    const before = bench.requests.length;
    expect((await deliver(bench, domains(500))).accepted).toHaveLength(500);
    const longest = Math.max(
      ...bench.requests.slice(before).map(({ url }) => new URL(url).pathname.length + new URL(url).search.length),
    );
    expect(longest).toBeLessThan(4_094);
  });

  test('whose reads without ids are broken is never read without', async () => {
    const bench = await startTaxii({ duplicates, readsBroken: true, foreignObjects: 300 });
    expect((await deliver(bench, oneOfEach())).accepted).toHaveLength(8);
  });

  test('is waited for while it is at work on it, and the status resource is not believed', async () => {
    for (const status of ['answers', 'missing', 'stuck'] as const) {
      const bench = await startTaxii({ duplicates, appearsAfterRequests: 6, status, duplicatesSucceed: true });
      expect((await deliver(bench, oneOfEach())).accepted).toHaveLength(8);
      expect(bench.tip.counts()).toMatchObject({ duplicates: 0 });
    }
  });

  test.each([
    ['fails', { failValues: ['evil@example.com'] }, /the server said of it: Unable to process object/],
    ['keeps pending', { pendValues: ['evil@example.com'] }, /does not show it/],
    ['drops', { dropValues: ['evil@example.com'] }, /does not show it/],
  ])('that %s one has its others; the one is set aside and not confirmed', async (_, faults, reason) => {
    const bench = await startTaxii({ duplicates, ...faults });
    const answer = await deliver(bench, oneOfEach());
    expect(answer.accepted).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(answer.unknown).toMatchObject([{ id: 8, isAbsent: true, reason: expect.stringMatching(reason) }]);
    expect(JSON.stringify(answer.unknown)).not.toContain('evil@');
  });

  test('that keeps the old version has not taken the change', async () => {
    const bench = await startTaxii({ duplicates });
    const { held } = await deliver(bench, [deliverable(1, 'domain', 'evil.example')]);
    bench.setFaults({ dropValues: ['evil.example'] });
    const changed = [deliverable(1, 'domain', 'evil.example', { confidence: 95 })];
    expect(await deliver(bench, changed, held)).toMatchObject({ accepted: [], unknown: [{ id: 1, isAbsent: true }] });
  });

  test('says nothing that quotes a value', async () => {
    const bench = await startTaxii({
      duplicates,
      failValues: ['evil@example.com'],
      failMessage: 'Not good: evil@example.com',
    });
    expect(JSON.stringify((await deliver(bench, oneOfEach())).unknown)).not.toContain('evil@');
  });

  test('that shows a revocation late is asked again, and not sent it again', async () => {
    const bench = await startTaxii({ duplicates });
    const { held } = await deliver(bench, [deliverable(1, 'domain', 'evil.example')]);
    const items = [{ id: 1, key: { type: 'domain' as const, value: 'evil.example' }, held: held.get(1) ?? null }];
    bench.setFaults({ appearsAfterRequests: 3 });
    const waits = await faultIn(() => bench.taxii.withdraw(items, SIGNAL));
    expect(waits).toMatchObject({ kind: 'Throttled', isOurs: true, retryAfterMs: 100 });
    const sent = bench.added().length;
    let answer = null;
    for (let asked = 0; answer === null && asked < 10; asked += 1) {
      answer = await bench.taxii.withdraw(items, SIGNAL).catch(() => null);
    }
    expect(answer).toMatchObject({ withdrawn: [1] });
    expect(bench.added()).toHaveLength(sent);
  });

  test('that never shows a revocation is no proof of it', async () => {
    const bench = await startTaxii({ duplicates });
    const { held } = await deliver(bench, [deliverable(1, 'domain', 'evil.example')]);
    const items = [{ id: 1, key: { type: 'domain' as const, value: 'evil.example' }, held: held.get(1) ?? null }];
    bench.setFaults({ dropValues: ['evil.example'] });
    expect(await faultIn(() => bench.taxii.withdraw(items, SIGNAL))).toMatchObject({ kind: 'Throttled' });
    bench.clock.at = new Date(bench.clock.at.getTime() + 60_000);
    expect(await bench.taxii.withdraw(items, SIGNAL)).toMatchObject({
      withdrawn: [],
      missing: [],
      unknown: [{ id: 1 }],
    });
  });

  test('that may be taking it in yet is waited for before it is missing', async () => {
    const bench = await startTaxii({ duplicates });
    const unsure = { sentAt: bench.clock.at.toISOString(), status: null };
    const items = [{ id: 1, key: { type: 'domain' as const, value: 'evil.example' }, held: null, unsure }];
    expect(await faultIn(() => bench.taxii.withdraw(items, SIGNAL))).toMatchObject({ kind: 'Throttled' });
    bench.clock.at = new Date(bench.clock.at.getTime() + 60_000);
    expect(await bench.taxii.withdraw(items, SIGNAL)).toMatchObject({ missing: [1] });
  });
});

test('no fault and no note holds a secret', async () => {
  const bench = await startTaxii({ signIn: 'bearer' });
  const { message } = await faultOf(bench);
  expect(message).not.toMatch(/not-a-secret|Basic /);
});
