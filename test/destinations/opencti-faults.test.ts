import { describe, expect, test } from 'vitest';
import type { HttpReply } from '../../http/http-client.ts';
import { faultFrom } from '../http/fault-from.ts';
import type { Patch } from '../sandbox/tip-server.ts';
import { isPush, type OpenCtiBench, only, SIGNAL, shipmentsOf, startOpenCti } from './opencti-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';

const item = deliverable(1, 'ipv4', '198.51.100.3');
const RECEIPT = { sentAt: '2026-11-24T08:00:00.000Z', work: 'work_1' };

function shipmentOf(bench: OpenCtiBench) {
  return only(shipmentsOf(bench.opencti, [item]));
}

function answered(status: number, body: string, headers: HttpReply['headers'] = {}): HttpReply {
  return { status, headers, text: body };
}

describe('a push', () => {
  test.each<[Patch, string, RegExp]>([
    [{ unauthorised: true }, 'Refused', /does not know who sends.*token/],
    [{ noTaxii: true }, 'Refused', /TAXIIAPI/],
    [{ stopped: true }, 'Refused', /push ingester.*started/],
    [{ maxBodyBytes: 300, tooLarge: '500' }, 'TooLarge', /maxBody/],
    [{ maxBodyBytes: 300, tooLarge: 'redirect' }, 'TooLarge', /maxBody/],
    [{ maxBodyBytes: 300, tooLarge: '413' }, 'TooLarge', /maxBody/],
  ])('at an OpenCTI with %j is %s', async (faults, kind, message) => {
    const bench = await startOpenCti(faults);
    const fault = await faultFrom(bench.opencti.bring(shipmentOf(bench), SIGNAL));
    expect(fault).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(fault.message).not.toContain('198.51.100.3');
  });

  test.each<[string, HttpReply, string]>([
    ['429', answered(429, '', { 'retry-after': '7' }), 'Throttled'],
    ['a 503', answered(503, 'busy'), 'Unavailable'],
    ['a page of a proxy', answered(200, '<html></html>', { 'content-type': 'text/html' }), 'Unavailable'],
    ['no body', answered(200, ''), 'Unavailable'],
    ['JSON of nothing', answered(200, '{}'), 'Unavailable'],
    ['500 that is not of its size', answered(500, '{"status":"error","error":"Unexpected token"}'), 'Unavailable'],
    ['a redirect elsewhere', answered(302, '', { location: 'https://elsewhere.example/' }), 'Refused'],
    ['400', answered(400, '{"title":"Content-Type in request is missing or invalid"}'), 'Rejected'],
  ])('that is answered with %s is a fault', async (_, reply, kind) => {
    const bench = await startOpenCti();
    bench.answers.before = () => reply;
    expect(await faultFrom(bench.opencti.bring(shipmentOf(bench), SIGNAL))).toMatchObject({ kind });
    expect(bench.requests).toHaveLength(1);
    expect(bench.throttled).toEqual(kind === 'Throttled' ? [7_000] : []);
  });

  test('leaves once its turn has come, and only then', async () => {
    const bench = await startOpenCti();
    const order: string[] = [];
    bench.answers.before = () => {
      order.push('sent');
      return null;
    };
    await bench.opencti.bring(shipmentOf(bench), SIGNAL, async () => {
      order.push('leaving');
    });
    expect(order).toEqual(['leaving', 'sent']);
  });

  test('of an item that asks for nothing any more is the matter of that item', async () => {
    const bench = await startOpenCti();
    const { items, name } = shipmentOf(bench);
    const empty = { name, items: items.map((one) => Object.assign(one, { form: {} })) };
    expect(await faultFrom(bench.opencti.bring(empty, SIGNAL))).toMatchObject({ kind: 'Rejected' });
    expect(bench.requests).toEqual([]);
  });
});

describe('a query', () => {
  test.each<[Patch, string, RegExp]>([
    [{ unauthorised: true }, 'Refused', /does not know who sends/],
    [{ noKnowledge: true }, 'Refused', /FORBIDDEN_ACCESS.*KNOWLEDGE/],
    [{ graphqlErrors: 1 }, 'Unavailable', /DATABASE_ERROR/],
  ])('at an OpenCTI with %j is %s', async (faults, kind, message) => {
    const bench = await startOpenCti(faults);
    const asked = [
      bench.opencti.confirm(shipmentOf(bench), RECEIPT, SIGNAL),
      bench.opencti.withdraw([{ id: 1, key: item.indicator.key, held: null }], SIGNAL),
    ];
    for (const one of asked) {
      expect(await faultFrom(one)).toMatchObject({ kind, message: expect.stringMatching(message) });
    }
  });

  test.each<[string, HttpReply, string]>([
    ['429', answered(429, '', { 'retry-after': '7' }), 'Throttled'],
    ['401', answered(401, ''), 'Refused'],
    ['403', answered(403, ''), 'Refused'],
    ['404', answered(404, '{"status":"error"}'), 'Refused'],
    ['400', answered(400, '{"errors":[]}'), 'Refused'],
    ['502', answered(502, ''), 'Unavailable'],
    ['the page of the interface', answered(200, '<!doctype html>'), 'Unavailable'],
    ['data of another form', answered(200, '{"data":{"indicators":{}}}'), 'Unavailable'],
    ['no data', answered(200, '{"data":null}'), 'Unavailable'],
    [
      'an older schema',
      answered(200, '{"errors":[{"message":"x","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}'),
      'Refused',
    ],
    ['an error by its name', answered(200, '{"errors":[{"message":"x","name":"AUTH_REQUIRED"}]}'), 'Refused'],
    ['an error without one', answered(200, '{"errors":[{"message":"of 198.51.100.3"}]}'), 'Unavailable'],
  ])('that is answered with %s is a fault', async (_, reply, kind) => {
    const bench = await startOpenCti();
    bench.answers.before = () => reply;
    const fault = await faultFrom(bench.opencti.confirm(shipmentOf(bench), RECEIPT, SIGNAL));
    expect(fault.kind).toBe(kind);
    expect(fault.message).not.toContain('198.51.100.3');
  });

  test('that is answered with the same page for ever has an end', async () => {
    const bench = await startOpenCti();
    const page = { indicators: { pageInfo: { hasNextPage: true, endCursor: 'same' }, edges: [] } };
    bench.answers.before = () => answered(200, JSON.stringify({ data: page }));
    const fault = await faultFrom(bench.opencti.confirm(shipmentOf(bench), RECEIPT, SIGNAL));
    expect(fault).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('leads back') });
    expect(bench.requests).toHaveLength(2);
  });
});

describe('a push whose acknowledgement was lost', () => {
  const lost = { sentAfter: new Date('2026-11-24T07:59:50Z'), endedAt: new Date('2026-11-24T08:00:00Z') };

  test('is found by what shows of it', async () => {
    const bench = await startOpenCti({ objectsPerRequest: 2 });
    const shipment = only(shipmentsOf(bench.opencti, domains(3)));
    bench.answers.after = (request) => {
      if (isPush(request)) throw new Error('Cut off.');
    };
    await expect(bench.opencti.bring(shipment, SIGNAL)).rejects.toThrow('Cut off.');
    expect(await bench.opencti.find(shipment, lost, SIGNAL)).toMatchObject({ kind: 'waiting' });
    expect(await bench.opencti.find(shipment, lost, SIGNAL)).toMatchObject({
      kind: 'found',
      receipt: { sentAt: '2026-11-24T08:00:00.000Z' },
    });
  });

  test('is sent again once it has had its time, and not taken for what is there from before', async () => {
    const bench = await startOpenCti();
    const shipment = only(shipmentsOf(bench.opencti, [item]));
    expect(await bench.opencti.find(shipment, lost, SIGNAL)).toMatchObject({ kind: 'waiting' });
    bench.clock.at = new Date('2026-11-24T08:05:00Z');
    expect(await bench.opencti.find(shipment, lost, SIGNAL)).toEqual({ kind: 'absent' });
    await bench.opencti.bring(shipment, SIGNAL);
    const changed = only(shipmentsOf(bench.opencti, [deliverable(1, 'ipv4', '198.51.100.3', { confidence: 95 })]));
    for (let asked = 0; asked < 3; asked += 1) {
      expect(await bench.opencti.find(changed, lost, SIGNAL)).toEqual({ kind: 'absent' });
    }
  });

  test('of nothing tells whether OpenCTI answers at all', async () => {
    const bench = await startOpenCti();
    const nothing = { name: 'never', items: [] };
    const longAgo = { sentAfter: new Date('2026-11-23T08:00:00Z'), endedAt: new Date('2026-11-23T08:00:00Z') };
    expect(await bench.opencti.find(nothing, longAgo, SIGNAL)).toEqual({ kind: 'absent' });
    expect(bench.requests).toHaveLength(1);
    bench.tip.setFaults({ unauthorised: true });
    expect(await faultFrom(bench.opencti.find(nothing, longAgo, SIGNAL))).toMatchObject({ kind: 'Refused' });
  });
});
