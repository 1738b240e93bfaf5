import { describe, expect, test } from 'vitest';
import type { Deliverable, OwnItem } from '../../destinations/destination.ts';
import { Fault } from '../../indicators/fault.ts';
import { stixNamespace } from '../../indicators/stix-ids.ts';
import { producerId } from '../../indicators/stix-producer.ts';
import { faultFrom } from '../http/fault-from.ts';
import { BASE, indicator } from '../sandbox/sentinel-upload-server.ts';
import { sendAndAsk, shipmentOf, startUploadBench, type UploadBench } from './sentinel-upload-bench.ts';
import { deliverable, domains, oneOfEach } from './threatstream-indicators.ts';

const { signal } = new AbortController();

/** Uploads them, and gives the ids by which the ledger knows them then. */
async function bring({ destination, later }: UploadBench, items: readonly Deliverable[]) {
  const ids = new Map<number, string | null>();
  for (const part of destination.plan(items.map((item) => destination.render(item)))) {
    const answer = await sendAndAsk(destination, shipmentOf(part));
    if (answer.kind !== 'settled') throw new Error('It is not settled.');
    for (const { id, remoteId } of answer.given ?? []) ids.set(id, remoteId);
  }
  later(1);
  return items.map(({ id }) => ids.get(id) ?? null);
}

async function pagesOf({ destination }: UploadBench, meanwhile?: () => Promise<unknown>) {
  const pages: (readonly OwnItem[])[] = [];
  for await (const page of destination.own?.(signal) ?? []) {
    pages.push(page);
    await meanwhile?.();
  }
  return pages;
}

async function ownOf(bench: UploadBench): Promise<readonly OwnItem[]> {
  return (await pagesOf(bench)).flat().toSorted((one, other) => (one.value < other.value ? -1 : 1));
}

const states = async (bench: UploadBench) => (await ownOf(bench)).map(({ value, state }) => `${value} ${state}`);

const OURS = {
  created_by_ref: producerId({ namespace: stixNamespace('the source'), name: '', identityClass: 'system' }),
};

describe('what is ours in the workspace', () => {
  test('is listed by the ids that the ledger has, of each type, with whichever values', async () => {
    const bench = await startUploadBench();
    const long = `http://evil.example.com/${'a'.repeat(2_000)}`;
    const items = [...oneOfEach(), deliverable(9, 'url', "http://o'dd.example.com/\\é"), deliverable(10, 'url', long)];
    const ids = await bring(bench, items);
    const expected = items.map(({ indicator: { key } }, at) => ({
      remoteId: ids[at],
      value: key.value,
      state: 'held',
    }));
    expect(await ownOf(bench)).toEqual(expected.toSorted((one, other) => (one.value < other.value ? -1 : 1)));
  });

  test('is listed in several queries, each once, also while more is brought and republished', async () => {
    const bench = await startUploadBench();
    const items = domains(2_100);
    const before = await bring(bench, items);
    const from = bench.queries.length;
    let more = 0;
    const pages = await pagesOf(bench, async () => {
      if (more === 0) bench.server.tip.controls?.['republish']?.({});
      more += 1;
      await bring(bench, [deliverable(9_000 + more, 'domain', `late${more}.example.com`)]);
    });
    expect(bench.queries.slice(from).filter((query) => query.includes('hash(Id, 2)'))).toHaveLength(2);
    for (const page of pages) expect(page.length).toBeLessThan(2_000);
    const listed = pages.flat().map(({ remoteId }) => remoteId);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining(before));
  });

  test('is nothing where nothing is', async () => {
    const bench = await startUploadBench();
    expect(await pagesOf(bench)).toEqual([]);
    expect(bench.queries).toHaveLength(1);
  });

  test('is not what others have made, be it of the same value and source', async () => {
    const bench = await startUploadBench();
    await bring(bench, domains(1));
    const theirs = { created_by_ref: 'identity--00000000-0000-4000-8000-000000000001' };
    const pattern = "[domain-name:value = 'host0.example.com']";
    await bench.server.upload([indicator('', { ...theirs, pattern }), indicator('198.51.100.1', theirs)]);
    await bench.server.upload([indicator('', { ...OURS, pattern })], 'another source');
    expect(await states(bench)).toEqual(['host0.example.com held']);
  });

  test('is what has our source, where the table does not say who has made it', async () => {
    const bench = await startUploadBench({ dataColumn: 'absent' });
    const [remoteId] = await bring(bench, domains(1));
    await bench.server.upload([indicator('198.51.100.1')], 'another source');
    expect(await ownOf(bench)).toEqual([{ remoteId, value: 'host0.example.com', state: 'held' }]);
  });

  test('is also what a person has edited, as it is now', async () => {
    const bench = await startUploadBench();
    await bring(bench, domains(2));
    const [one, two] = bench.objects();
    const edited = { name: 'The one of Tuesday', modified: '2026-11-30T11:00:00.000Z' };
    await bench.server.upload([
      { ...one, ...edited, confidence: 1 },
      { ...two, ...edited, pattern: "[domain-name:value = 'a.example.com' AND url:value = 'http://b.example.com/']" },
    ]);
    expect(await ownOf(bench)).toEqual([
      { remoteId: `${String(two?.['id'])} 0 ${edited.modified}`, value: 'a.example.com', state: 'held' },
      { remoteId: `${String(one?.['id'])} 0 ${edited.modified}`, value: 'host0.example.com', state: 'held' },
    ]);
  });

  test('is gone once it was revoked or deleted there, or has ended', async () => {
    const bench = await startUploadBench({ deletes: 'object' });
    const ends = { validUntil: '2026-11-30T12:00:00.0000000Z' };
    await bring(bench, [...domains(2), deliverable(3, 'domain', 'until-noon.example.com', ends)]);
    const [revoked, deleted] = bench.objects();
    await bench.server.upload([{ ...revoked, revoked: true, modified: '2026-11-30T11:00:00.000Z' }]);
    const row = `${Buffer.from('mdti-sync').toString('base64')}---${String(deleted?.['id'])}`;
    await bench.server.manage('DELETE', `${BASE}/indicators/${encodeURIComponent(row)}?api-version=1`);
    const gone = ['host0.example.com gone', 'host1.example.com gone'];
    expect(await states(bench)).toEqual([...gone, 'until-noon.example.com held']);
    bench.later(120);
    expect(await states(bench)).toEqual([...gone, 'until-noon.example.com gone']);
  });

  test('is another one when it came back', async () => {
    const bench = await startUploadBench();
    const [item] = domains(1);
    if (item === undefined) throw new Error('There is one.');
    const [remoteId = null] = await bring(bench, [item]);
    const { form } = bench.destination.render(item);
    const held = { remoteId, form, maybes: [], awaits: false };
    const { key } = item.indicator;
    await faultFrom(bench.destination.withdraw([{ id: 1, key, held }], signal));
    bench.later(1);
    const [again] = await bring(bench, [{ ...item, held: { ...held, form: null, maybes: [form], withdrawn: 'yes' } }]);
    const listed = await ownOf(bench);
    expect(listed.map(({ state }) => state).toSorted()).toEqual(['gone', 'held']);
    expect(listed.find(({ state }) => state === 'held')?.remoteId).toBe(again);
    expect(again).toContain(' 1 ');
  });
});

describe('a list of what is ours', () => {
  test('that breaks off in its middle is a fault', async () => {
    const bench = await startUploadBench();
    await bring(bench, domains(2_100));
    const pages: unknown[] = [];
    const listing = (async () => {
      for await (const page of bench.destination.own?.(signal) ?? []) {
        pages.push(page);
        bench.wire.rows = () => {
          throw new Fault('Throttled', 'Log Analytics asks to wait.', { retryAfterMs: 7_000 });
        };
      }
    })();
    expect(await faultFrom(listing)).toMatchObject({ kind: 'Throttled', retryAfterMs: 7_000 });
    expect(pages).toHaveLength(1);
  });

  test.each([
    ['a number that is none', { Objects: 'many' }, /number of objects/],
    ['a row without its id', { Id: 'b3Vycw==---' }, /another form than expected \(Id\)/],
    ['a value that is none', { Value: 17 }, /another form than expected \(Value\)/],
  ])('that is answered with %s is a fault, without a value', async (_, wrong, message) => {
    const bench = await startUploadBench();
    await bring(bench, domains(1));
    bench.wire.rows = (rows) => rows.map((row) => ({ ...row, ...wrong }));
    const fault = await faultFrom(ownOf(bench));
    expect(fault).toMatchObject({ kind: 'Unavailable', message: expect.stringMatching(message) });
    expect(fault.message).not.toContain('example.com');
  });

  test('of a workspace that may not be read is Refused', async () => {
    const bench = await startUploadBench({}, { workspaceId: '11111111-0000-0000-0000-000000000000' });
    expect(await faultFrom(ownOf(bench))).toMatchObject({ kind: 'Refused' });
  });
});
