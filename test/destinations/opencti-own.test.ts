import { describe, expect, test } from 'vitest';
import type { OwnItem } from '../../destinations/destination.ts';
import { send } from '../../destinations/send.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { openCtiIndicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import { faultFrom } from '../http/fault-from.ts';
import { indicator, pushed } from '../sandbox/opencti-caller.ts';
import {
  asWithdrawn,
  deliver,
  later,
  type OpenCtiBench,
  only,
  SIGNAL,
  settle,
  shipmentsOf,
  startOpenCti,
  withdraw,
} from './opencti-bench.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';

async function bring(bench: OpenCtiBench, items: Parameters<typeof shipmentsOf>[1], by = bench.opencti): Promise<void> {
  const shipment = only(shipmentsOf(by, items));
  await settle(bench, shipment, await send(by, shipment, SIGNAL));
}

async function pagesOf({ opencti }: Pick<OpenCtiBench, 'opencti'>): Promise<(readonly OwnItem[])[]> {
  const pages = [];
  for await (const page of opencti.own?.(SIGNAL) ?? []) pages.push(page);
  return pages;
}

async function ownOf(bench: Pick<OpenCtiBench, 'opencti'>): Promise<readonly OwnItem[]> {
  return (await pagesOf(bench)).flat();
}

const held = (value: string) => expect.objectContaining({ value, state: 'held' });

describe('what is ours at OpenCTI', () => {
  test('is listed by the ids that it gave, of each type, with whichever values', async () => {
    const bench = await startOpenCti();
    const odd = deliverable(9, 'url', "http://evil.example.com/it\\'s [a] = 'b' OR é");
    await bring(bench, [...oneOfEach(), odd]);
    expect(await ownOf(bench)).toEqual(
      [...oneOfEach(), odd].map(({ indicator: { key } }) => ({
        remoteId: openCtiIndicatorId(stixPattern(key)),
        value: key.value,
        state: 'held',
      })),
    );
  });

  test('is listed page by page, each once, also while more is brought', async () => {
    const bench = await startOpenCti({ largestPage: 7 });
    await bring(bench, domains(20));
    const pages = [];
    for await (const page of bench.opencti.own?.(SIGNAL) ?? []) {
      pages.push(page);
      if (pages.length === 1) await bring(bench, [deliverable(21, 'domain', 'late.example.com')]);
    }
    expect(pages.map(({ length }) => length)).toEqual([7, 7, 7]);
    const values = pages.flat().map(({ value }) => value);
    expect(values).toEqual([...domains(20).map((item) => item.indicator.key.value), 'late.example.com']);
  });

  test('is nothing before anything was pushed', async () => {
    const bench = await startOpenCti();
    await pushed(bench.tip, indicator('198.51.100.9'));
    expect(await pagesOf(bench)).toEqual([]);
    expect(bench.requests).toHaveLength(1);
  });

  test('is not what others have brought, be it of the same value and before us', async () => {
    const bench = await startOpenCti();
    const theirs = bench.another({ author: 'Another source' }, 'another deployment');
    await bring(bench, [deliverable(1, 'ipv4', '198.51.100.1'), deliverable(2, 'ipv4', '198.51.100.2')], theirs);
    await pushed(bench.tip, indicator('198.51.100.4', { id: 'indicator--without-author' }));
    await bring(bench, [deliverable(1, 'ipv4', '198.51.100.2'), deliverable(2, 'ipv4', '198.51.100.3')]);
    expect(await ownOf(bench)).toEqual([held('198.51.100.3')]);
    expect(await ownOf({ opencti: theirs })).toEqual([held('198.51.100.1'), held('198.51.100.2')]);
  });

  test('is also what a person has edited, and what has an author of before', async () => {
    const bench = await startOpenCti();
    const before = bench.another({ author: 'A name of before' });
    await bring(bench, [deliverable(1, 'ipv4', '198.51.100.1')], before);
    await bring(bench, [deliverable(2, 'ipv4', '198.51.100.2')]);
    await pushed(bench.tip, indicator('198.51.100.2', { name: 'The one of Tuesday', labels: ['seen'], score: 3 }));
    expect(await ownOf(bench)).toEqual([held('198.51.100.1'), held('198.51.100.2')]);
  });

  test('is gone once it was withdrawn, or has ended, and not when it came back', async () => {
    const bench = await startOpenCti({}, { decayRules: false });
    const ends = deliverable(1, 'ipv4', '198.51.100.1', { validUntil: '2026-11-24T09:00:00Z' });
    const revoked = deliverable(2, 'ipv4', '198.51.100.2');
    await deliver(bench, ends);
    const { held: given } = await deliver(bench, revoked);
    const { key } = revoked.indicator;
    await withdraw(bench, [{ id: 2, key, held: given }]);
    const states = async () => (await ownOf(bench)).map(({ state }) => state);
    expect(await states()).toEqual(['held', 'gone']);
    later(bench, 3_600_000);
    expect(await states()).toEqual(['gone', 'gone']);
    await deliver(bench, { ...revoked, held: asWithdrawn(given) });
    expect(await states()).toEqual(['gone', 'held']);
  });
});

describe('a list of what is ours', () => {
  const answered = (status: number, body: object, headers: HttpReply['headers'] = {}): HttpReply => ({
    status,
    headers,
    text: JSON.stringify(body),
  });
  const pageOf = (endCursor: string, nodes: readonly object[] = []) =>
    answered(200, {
      data: {
        indicators: {
          pageInfo: { hasNextPage: true, endCursor, globalCount: nodes.length },
          edges: nodes.map((node) => ({ node })),
        },
      },
    });

  test.each<[string, HttpReply, string]>([
    ['429', answered(429, {}, { 'retry-after': '7' }), 'Throttled'],
    ['502', answered(502, {}), 'Unavailable'],
    ['401', answered(401, {}), 'Refused'],
    ['an error of its engine', answered(200, { errors: [{ name: 'DATABASE_ERROR' }] }), 'Unavailable'],
    ['a right that is missing', answered(200, { errors: [{ name: 'FORBIDDEN_ACCESS' }] }), 'Refused'],
    ['a node without its id', pageOf('a', [{ name: 'x', revoked: false }]), 'Unavailable'],
  ])('that is answered with %s in its middle is a fault', async (_, reply, kind) => {
    const bench = await startOpenCti({ largestPage: 7 });
    await bring(bench, domains(20));
    const before = bench.requests.length;
    // The author, a page, and this.
    bench.answers.before = () => (bench.requests.length === before + 3 ? reply : null);
    expect(await faultFrom(ownOf(bench))).toMatchObject({ kind });
    expect(bench.requests).toHaveLength(before + 3);
  });

  test('fails where nobody may look', async () => {
    const bench = await startOpenCti({ noKnowledge: true });
    expect(await faultFrom(ownOf(bench))).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining('KNOWLEDGE'),
    });
  });

  test.each([
    ['goes round in circles', (asked: number) => `cursor ${asked % 3}`, /leads back/],
    ['has no end', (asked: number) => `cursor ${asked}`, /more than it says/],
  ])('that %s has one', async (_, cursor, message) => {
    const bench = await startOpenCti();
    await bring(bench, domains(1));
    const first = bench.requests.length + 1;
    bench.answers.before = () => {
      const asked = bench.requests.length - first;
      return asked === 0 ? null : pageOf(cursor(asked));
    };
    expect(await faultFrom(ownOf(bench))).toMatchObject({
      kind: 'Unavailable',
      message: expect.stringMatching(message),
    });
  });
});
