import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { KINDS } from '../../destinations/kinds.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';
import { type FeedLine, readFeed } from '../../sandbox/rows/feed.ts';
import { OBSERVABLE_KEYS, observableType } from '../../sandbox/rows/observable.ts';
import type { TipItem } from '../../sandbox/stand-in.ts';
import type { Judge } from '../destinations/contract-bench.ts';
import { readerOf, readerOfVersions } from '../destinations/dropped-files.ts';
import { judgesOrReason } from '../judges/judges.ts';
import { readTaxii } from '../judges/read-taxii.ts';
import { startMedallion, startOpenTaxii, type TaxiiServer } from '../judges/taxii-servers.ts';
import { openStack } from './open-stack.ts';
import type { Beside, Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

/** A CSV with the columns `type,value`, instead of rows that are made here; changed and revoked are so many of them. */
const { FEED } = process.env;
const [CHANGED, REVOKED] = FEED === undefined ? [20, 10] : [100, 50];
const DAY_MS = 86_400_000;

/** ThreatStream's imports wait for an analyst: `changed-thousand.test.ts`. A folder has no stand-in. */
const STAND_INS = KINDS.map(({ type }) => type).filter((type) => type !== 'threatstream' && type !== 'file');
/** Servers that we did not write. */
const SERVERS: Readonly<Record<string, () => Promise<TaxiiServer>>> =
  'python' in judgesOrReason() ? { medallion: startMedallion, opentaxii: startOpenTaxii } : {};
const NAMES = ['file', ...STAND_INS, ...Object.keys(SERVERS)];

const counts = z.object({ duplicates: z.number(), updates: z.number(), rowsServed: z.number() });
const items = z.array(z.object({ id: z.string(), value: z.string(), state: z.enum(['held', 'waiting', 'gone']) }));
const asked = z.looseObject({ requests: z.record(z.string(), z.number()) });

let stack: Stack;
let rows: readonly ArrivingRow[];
let judges: ReadonlyMap<string, Judge>;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const servers = await Promise.all(
    Object.entries(SERVERS).map(async ([name, start]) => {
      const server = await start();
      closers.push(() => server.close());
      return [name, server] as const;
    }),
  );
  stack = await openStack({
    kind: 'file',
    sandbox: ['--indicators', '0'],
    source: { since: '2h', window: oneWindow(new Date()) },
    policy: { minimumScore: 0, exclude: { reservedAddresses: false } },
    beside: Object.fromEntries([
      ...STAND_INS.map((kind): [string, Beside] => [kind, { kind }]),
      ...servers.map(([name, server]): [string, Beside] => [name, besideTo(server, name)]),
    ]),
    trusted: servers.map(([, { ca }]) => ca),
    env: Object.fromEntries(
      servers.flatMap(([name, { user, password, bearer }]) => [
        [`${name}_USER`, user],
        [`${name}_PASSWORD`, password],
        [`${name}_TOKEN`, bearer ?? ''],
      ]),
    ),
  });
  judges = new Map<string, Judge>([
    ['file', readerOf(join(stack.folder, 'files'))],
    ...STAND_INS.map((kind): [string, Judge] => [kind, standIn(kind)]),
    ...servers.map(([name, server]): [string, Judge] => [
      name,
      readerOfVersions(() => readTaxii(server, { type: ['indicator'], version: ['all'] })),
    ]),
  ]);
  await stack.startWorker();
  rows = (FEED === undefined ? madeUp(200) : await readFeed(FEED)).map(rowOf);
  await stack.control('POST', '/rows', rows);
});
afterAll(async () => {
  await stack?.close();
  for (const close of closers) await close();
});

function besideTo({ apiRoot, collectionId: collection, bearer }: TaxiiServer, name: string): Beside {
  const byPassword = { user: { env: `${name}_USER` }, password: { env: `${name}_PASSWORD` } };
  const signIn = bearer === null ? byPassword : { token: { env: `${name}_TOKEN` } };
  return { kind: 'taxii', destination: { apiRoot: apiRoot.replace(/\/$/, ''), collection, signIn } };
}

function standIn(kind: string): Judge {
  return {
    items: async () => items.parse(await stack.control('GET', `/tips/${kind}/items`)),
    counts: async () => counts.parse(await tipCounts(stack, kind)),
  };
}

function madeUp(count: number): readonly FeedLine[] {
  const types = ['domain', 'url', 'ipv4', 'sha256'] as const;
  return Array.from({ length: count }, (_, index) => {
    const type = types[index % types.length] ?? 'domain';
    const value = {
      domain: `host${index}.example.com`,
      url: `https://files.example.com/${index}?a="1",2&b=%C3%A9`,
      ipv4: `203.0.113.${index}`,
      sha256: String(index).padStart(64, 'a'),
    }[type];
    return { type, value, campaign: `campaign ${index % 3}`, firstPublished: '' };
  });
}

function fromNow(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

function rowOf({ type, value, campaign }: FeedLine, index: number): ArrivingRow {
  const known = observableType(type);
  const at = fromNow(-60_000);
  return {
    IngestionTime: at,
    TimeGenerated: at,
    Modified: at,
    Id: `indicator--${index}`,
    ObservableKey: known === null || known === 'ip' ? `${type}:value` : OBSERVABLE_KEYS[known],
    ObservableValue: value,
    Confidence: 80,
    Tags: campaign,
    ValidUntil: fromNow(90 * DAY_MS),
  };
}

/** Of what it is to have read now, all sums. */
async function sync(name: string): Promise<Readonly<Record<string, unknown>>> {
  const pipeline = name === 'file' ? stack.pipeline : `${stack.pipeline}-${name}`;
  let run = await stack.sync(pipeline);
  while (run['rows'] === 0) run = await stack.sync(pipeline);
  return run;
}

async function everywhere<T>(act: (name: string, judge: Judge) => Promise<T>): Promise<ReadonlyMap<string, T>> {
  return new Map(await Promise.all([...judges].map(async ([name, judge]) => [name, await act(name, judge)] as const)));
}

/** The same in every destination. */
function alike<T>(of: T): ReadonlyMap<string, T> {
  return new Map(NAMES.map((name) => [name, of]));
}

const valuesOf = (all: readonly TipItem[], state: TipItem['state']) =>
  all.flatMap((one) => (one.state === state ? [one.value] : [])).toSorted();

let held: readonly string[] = [];
/** Rows that were revoked. */
let gone: readonly ArrivingRow[] = [];

/** So many of the rows that are held, as they are published now. */
function published(of: readonly ArrivingRow[], count: number, change: Partial<ArrivingRow>): readonly ArrivingRow[] {
  const now = fromNow(0);
  const said = { IngestionTime: now, TimeGenerated: now, Modified: now, ...change };
  const some = of.slice(0, count).map((row) => Object.assign({}, row, said));
  expect(some).toHaveLength(count);
  return some;
}

const valuesIn = (of: readonly ArrivingRow[]) => of.map(({ ObservableValue = '' }) => ObservableValue).toSorted();

test('all that passed the policy is there, by the count of whoever holds it', async () => {
  const runs = await everywhere(async (name) => {
    const { rows: read, confirmed, rejected, pending } = await sync(name);
    return { read, confirmed, rejected, pending };
  });
  const { confirmed } = runs.get('file') ?? expect.fail();
  expect(runs).toEqual(alike({ read: rows.length, confirmed, rejected: 0, pending: 0 }));
  const found = await everywhere(async (_, judge) => valuesOf(await judge.items(), 'held'));
  held = found.get('file') ?? expect.fail();
  expect(held).toHaveLength(Number(confirmed));
  expect(held.length).toBeGreaterThan(rows.length * 0.9);
  expect(found).toEqual(alike(held));
});

test('what is published again is read, and sent to nobody', async () => {
  const before = await everywhere((_, judge) => judge.items());
  const written = asked.parse(await stack.control('GET', '/counts')).requests;
  await stack.control('POST', '/republish');
  const runs = await everywhere(async (name) => {
    const { rows: read, new: fresh, changed, confirmed } = await sync(name);
    return { read, fresh, changed, confirmed };
  });
  expect(runs).toEqual(alike({ read: rows.length, fresh: 0, changed: 0, confirmed: 0 }));
  expect(await everywhere((_, judge) => judge.items())).toEqual(before);
  const { requests } = asked.parse(await stack.control('GET', '/counts'));
  for (const kind of STAND_INS) expect(requests[kind], kind).toBe(written[kind]);
});

test('what changes and what is revoked is just that, and whoever reads there sees it', async () => {
  const known = new Set(held);
  const theirs = rows.filter(({ ObservableValue = '' }) => known.has(ObservableValue));
  const changes = published(theirs, CHANGED, { Tags: 'campaign omega' });
  gone = published(theirs.slice(CHANGED), REVOKED, { Revoked: true });
  const before = await everywhere((_, judge) => judge.counts());
  await stack.control('POST', '/rows', [...changes, ...gone]);

  const runs = await everywhere(async (name) => {
    const { rows: read, changed, confirmed, retracted, rejected, pending } = await sync(name);
    return { read, changed, confirmed, retracted, rejected, pending };
  });
  const sums = { changed: CHANGED, confirmed: CHANGED, retracted: REVOKED, rejected: 0, pending: 0 };
  expect(runs).toEqual(alike({ read: CHANGED + REVOKED, ...sums }));
  const found = await everywhere(async (_, judge) => {
    const all = await judge.items();
    return { held: valuesOf(all, 'held'), gone: valuesOf(all, 'gone') };
  });
  const left = new Set(valuesIn(gone));
  expect(found).toEqual(alike({ held: held.filter((value) => !left.has(value)), gone: valuesIn(gone) }));
  const since = await everywhere(async (name, judge) => {
    const { updates, duplicates } = await judge.counts();
    return { updates: updates - (before.get(name)?.updates ?? 0), duplicates };
  });
  expect(since).toEqual(alike({ updates: CHANGED, duplicates: 0 }));
});

test('what is published again after it was revoked is there again', async () => {
  await stack.control('POST', '/rows', published(gone, REVOKED, { Revoked: false }));
  const runs = await everywhere(async (name) => {
    const { rows: read, confirmed, rejected, pending } = await sync(name);
    return { read, confirmed, rejected, pending };
  });
  expect(runs).toEqual(alike({ read: REVOKED, confirmed: REVOKED, rejected: 0, pending: 0 }));
  expect(await everywhere(async (_, judge) => valuesOf(await judge.items(), 'held'))).toEqual(alike(held));
});
