import { describe, expect, it } from 'vitest';
import type { Destination, OwnItem } from '../../destinations/destination.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { MISP_STAND_IN } from '../../sandbox/misp/misp-stand-in.ts';
import { request } from '../sandbox/tip-server.ts';
import { deliver, type MispBench, SIGNAL, startMispBench, statesIn } from './misp-bench.ts';
import { deliverable, domains } from './threatstream-indicators.ts';
import { withdraw } from './withdraw.ts';

const value = (index: number): string => `host${index}.example.com`;

async function listed(misp: Destination): Promise<readonly (readonly OwnItem[])[]> {
  const pages: (readonly OwnItem[])[] = [];
  for await (const page of misp.own?.(SIGNAL) ?? []) pages.push(page);
  return pages;
}

const statesOf = (pages: readonly (readonly OwnItem[])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(pages.flat().map(({ value: shown, state }) => [shown, state]));

/** What a person, or another tool, does there. */
async function post({ server }: MispBench, path: string, body: object): Promise<void> {
  const headers = {
    authorization: MISP_STAND_IN.credentials['apiKey'] ?? '',
    accept: 'application/json',
    'content-type': 'application/json',
  };
  const { status } = await request(server, { method: 'POST', path, headers, body: JSON.stringify(body) });
  expect(status).toBe(200);
}

const uuidOf = ({ server }: MispBench, wanted: string): string =>
  server.tip.items().find(({ value: shown }) => shown === wanted)?.id ?? '';

describe('what is ours', () => {
  it.each(['toIds', 'delete'] as const)('is listed to its last page, with what was withdrawn by %s', async (how) => {
    const bench = await startMispBench({ events: 20, withdraw: how, maxObjects: 7 });
    await deliver(bench, [
      ...domains(60),
      deliverable(100, 'ipv4', '198.51.100.1'),
      deliverable(101, 'sha256', 'ab'.repeat(32)),
    ]);
    bench.later(1_000);
    await withdraw(bench.misp, [{ id: 1, value: value(0) }], SIGNAL);
    const pages = await listed(bench.misp);
    expect(Math.max(...pages.map(({ length }) => length))).toBe(7);
    expect(statesOf(pages)).toEqual(statesIn(bench));
    const ids = pages.flat().map(({ remoteId }) => remoteId);
    expect(ids.toSorted()).toEqual(
      bench.server.tip
        .items()
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(statesOf(pages)[value(0)]).toBe('gone');
  });

  it('is nothing where there is nothing', async () => {
    const bench = await startMispBench({ events: 20 });
    expect((await listed(bench.misp)).flat()).toEqual([]);
  });

  it('is what a person there has edited, and not what others have put beside it', async () => {
    const bench = await startMispBench({ events: 1 });
    const items = domains(2);
    await deliver(bench, items);
    bench.later(1_000);
    const event = String(bench.misp.render(items[0] ?? deliverable(1, 'domain', value(0))).form['event']);
    await post(bench, `/attributes/add/${event}`, { type: 'domain', value: 'theirs.example.com' });
    await post(bench, `/attributes/add/${event}`, { type: 'hostname', value: value(0) });
    const edited = { type: 'domain', value: 'edited.example.com', comment: 'mine now', to_ids: false };
    await post(bench, `/attributes/edit/${uuidOf(bench, value(0))}`, edited);
    expect((await listed(bench.misp)).flat()).toEqual([
      { remoteId: uuidOf(bench, 'edited.example.com'), value: 'edited.example.com', state: 'gone' },
      { remoteId: uuidOf(bench, value(1)), value: value(1), state: 'held' },
    ]);
  });

  it('has what is still in events of before, and nothing of another deployment', async () => {
    const bench = await startMispBench({ events: 2, maxObjects: 3 });
    const other = bench.with({}, '22222222-2222-3333-4444-555555555555');
    await deliver(bench, domains(10));
    await deliver(bench, domains(10), other);
    expect((await listed(bench.misp)).flat()).toHaveLength(10);
    const later = bench.with({ events: 5 });
    await deliver(bench, [deliverable(11, 'domain', 'new.example.com')], later);
    const all = (await listed(later)).flat();
    expect(new Set(all.map(({ value: shown }) => shown)).size).toBe(11);
    expect(all).toHaveLength(11);
    const theirs = new Set((await listed(other)).flat().map(({ remoteId }) => remoteId));
    expect(theirs.size).toBe(10);
    expect(all.filter(({ remoteId }) => theirs.has(remoteId))).toEqual([]);
  });

  it('passes over nothing when something is deleted for good meanwhile', async () => {
    const bench = await startMispBench({ events: 1, maxObjects: 4 });
    await deliver(bench, domains(12));
    const [oldest, ...others] = bench.server.tip.items().map(({ id }) => id);
    const seen: string[] = [];
    for await (const page of bench.misp.own?.(SIGNAL) ?? []) {
      if (seen.length === 0) await post(bench, `/attributes/delete/${oldest}/1`, {});
      seen.push(...page.map(({ remoteId }) => remoteId));
    }
    expect(seen.toSorted()).toEqual(others.toSorted());
  });

  it.each([
    ['fails', { status: 500, headers: {}, text: '' }, 'Unavailable', '500'],
    ['is throttled', { status: 429, headers: {}, text: '' }, 'Throttled', '429'],
    ['is a page of a proxy', { status: 200, headers: {}, text: '<html></html>' }, 'Unavailable', 'MISP'],
    ['says nothing', { status: 200, headers: {}, text: '{"response":{"Attribute":[{}]}}' }, 'Unavailable', 'readable'],
    ['is refused', { status: 403, headers: {}, text: '{}' }, 'Refused', 'search attributes'],
  ] as const)('is a fault when a page in the middle %s', async (_, reply, kind, message) => {
    const bench = await startMispBench({ events: 1, maxObjects: 4 });
    await deliver(bench, domains(12));
    let asked = 0;
    bench.answers.to = ({ url }) => {
      asked += Number(url.endsWith('/attributes/restSearch'));
      return asked < 5 ? null : reply;
    };
    await expect(listed(bench.misp)).rejects.toMatchObject({ kind, message: expect.stringContaining(message) });
    expect(asked).toBe(5);
  });

  it('is a fault when the pages never end', async () => {
    const bench = await startMispBench({ events: 1 });
    await deliver(bench, domains(2));
    // What is in front of it leaves the page out of account, once there was one with something.
    const shown: Record<string, HttpReply> = {};
    bench.answers.after = ({ url }, reply) => {
      if (reply.text.includes('"uuid"')) shown[url] = reply;
      return shown[url] ?? reply;
    };
    await listed(bench.misp);
    await expect(listed(bench.misp)).rejects.toMatchObject({
      kind: 'Unavailable',
      message: expect.stringContaining('went on showing pages'),
    });
  });
});
