import { describe, expect, test } from 'vitest';
import type { SentinelUploadSettings } from '../../destinations/sentinel-upload/sentinel-upload-settings.ts';
import type { HttpReply } from '../../http/http-client.ts';
import type { SentinelUploadFaults } from '../../sandbox/sentinel-upload/sentinel-upload-faults.ts';
import { faultFrom } from '../http/fault-from.ts';
import { workspaceId } from '../sandbox/sentinel-upload-server.ts';
import { shipmentOf, startUploadBench } from './sentinel-upload-bench.ts';
import { domains } from './threatstream-indicators.ts';

const { signal } = new AbortController();
const VALUE = 'host0.example.com';

/** What bringing two domains comes to. */
async function bringing(
  faults: Partial<SentinelUploadFaults>,
  { answers, ...settings }: Partial<SentinelUploadSettings> & { readonly answers?: HttpReply } = {},
) {
  const bench = await startUploadBench(faults, settings);
  if (answers !== undefined) bench.wire.answers = answers;
  const shipment = shipmentOf(domains(2).map((item) => bench.destination.render(item)));
  let left = 0;
  const leaving = async (): Promise<void> => {
    left += 1;
  };
  const fault = await faultFrom(bench.destination.bring(shipment, signal, leaving));
  return { bench, fault, left };
}

describe('a role that is missing', () => {
  test.each(['forbidden', 'unauthorised'] as const)('is Refused after one more token (%s)', async (role) => {
    const { bench, fault, left } = await bringing({ role });
    expect(fault).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining(`"Microsoft Sentinel Contributor" on workspace ${workspaceId}`),
    });
    expect(fault.message).not.toMatch(/Bearer|token-/);
    expect([bench.dropped.length, bench.requests.length, left]).toEqual([1, 2, 1]);
  });

  test('and was granted since, is in the next token', async () => {
    const bench = await startUploadBench();
    bench.server.entra.withoutPermission.push('https://management.azure.com');
    const shipment = shipmentOf(domains(1).map((item) => bench.destination.render(item)));
    expect(await faultFrom(bench.destination.bring(shipment, signal))).toMatchObject({ kind: 'Refused' });
    bench.server.entra.withoutPermission.length = 0;
    await bench.destination.bring(shipment, signal);
    expect(bench.counts()).toMatchObject({ holds: 1 });
  });
});

test('a workspace that is not known is Refused', async () => {
  const { fault } = await bringing({}, { workspaceId: '00000000-0000-0000-0000-000000000000' });
  expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining('check workspaceId') });
});

describe('too much at once', () => {
  test.each([true, false])('is Throttled for as long as it says (Retry-After: %s)', async (retryAfterHeader) => {
    const bench = await startUploadBench({ requestsPerMinute: 1, retryAfterHeader });
    const shipments = domains(2).map((item) => shipmentOf([bench.destination.render(item)]));
    const [first, second] = shipments;
    if (first === undefined || second === undefined) throw new Error('There are two.');
    await bench.destination.bring(first, signal);
    bench.clock.pass(20_000);
    const fault = await faultFrom(bench.destination.bring(second, signal));
    expect(fault).toMatchObject({ kind: 'Throttled', retryAfterMs: 40_000, isOurs: false });
    expect(bench.pace.throttles).toEqual([40_000]);
    expect(bench.pace.answers).toHaveLength(1);
    expect(bench.counts()).toMatchObject({ holds: 1, throttled: 1 });
  });
});

describe('an answer of the API', () => {
  const HTML = { 'content-type': 'text/html' };
  test.each<[string, HttpReply, string]>([
    ['413', { status: 413, headers: {}, text: '' }, 'TooLarge'],
    ['500', { status: 500, headers: {}, text: '{"statusCode":500,"message":"Internal"}' }, 'Unavailable'],
    ['503 of a proxy', { status: 503, headers: HTML, text: '<html>' }, 'Unavailable'],
    ['a page in the place of the answer', { status: 200, headers: HTML, text: '<html>' }, 'Unavailable'],
    ['an answer that is cut', { status: 200, headers: {}, text: '{"errors":[{"record' }, 'Unavailable'],
    ['a list that cannot be read', { status: 200, headers: {}, text: '{"errors":[{"at":0}]}' }, 'Unavailable'],
    ['a place that there is not', { status: 200, headers: {}, text: '{"errors":[{"recordIndex":7}]}' }, 'Unavailable'],
    ['another form of JSON', { status: 200, headers: {}, text: '[1]' }, 'Unavailable'],
    ['202', { status: 202, headers: {}, text: '' }, 'Unavailable'],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' }, text: '' }, 'Refused'],
    ['400 without a word', { status: 400, headers: HTML, text: '<html>' }, 'Rejected'],
    ['415', { status: 415, headers: {}, text: `{"message":"${VALUE} is odd"}` }, 'Rejected'],
  ])('%s', async (_, answers, kind) => {
    const { fault, bench } = await bringing({}, { answers });
    expect(fault.kind).toBe(kind);
    expect(fault.message).not.toContain(VALUE);
    expect(bench.requests).toHaveLength(1);
  });

  test.each(['', ' ', '{}', 'null', '{"errors":null}', '{"errors":[]}'])('200 with %j is taken in', async (text) => {
    const bench = await startUploadBench();
    bench.wire.answers = { status: 200, headers: {}, text };
    const shipment = shipmentOf(domains(1).map((item) => bench.destination.render(item)));
    expect(await bench.destination.bring(shipment, signal)).toMatchObject({ declined: '[]' });
  });
});

test('a poisoned item has the whole request Rejected, without its value', async () => {
  const { bench, fault } = await bringing({ poison: [VALUE] });
  expect(fault).toMatchObject({
    kind: 'Rejected',
    message: expect.stringContaining('(400): Something in the request'),
  });
  expect(bench.counts()).toMatchObject({ holds: 0 });
});

test('a question that fails is passed on as the reader has it', async () => {
  const bench = await startUploadBench({}, { workspaceId: '11111111-0000-0000-0000-000000000000' });
  const shipment = shipmentOf(domains(1).map((item) => bench.destination.render(item)));
  const lost = { sentAfter: bench.clock.now(), endedAt: null };
  expect(await faultFrom(bench.destination.find(shipment, lost, signal))).toMatchObject({
    kind: 'Refused',
    message: expect.stringContaining('Log Analytics'),
  });
});
