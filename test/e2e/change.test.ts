import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';
import { openStack } from './open-stack.ts';
import { holding } from './shown-holding.ts';
import { type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({
  lookUps: z.number(),
  holds: z.number(),
  sessions: z.number(),
  duplicates: z.number(),
  discarded: z.number(),
  updates: z.number(),
  withdrawn: z.number(),
});
type Seen = z.infer<typeof counts>;

const SOURCE = { since: '2h', window: oneWindow(new Date()) };

const DAY_MS = 86_400_000;
const END = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS + 60 * DAY_MS);
/** In a later month: up to the end of its month an indicator is held. */
const LATER = new Date(END.getTime() + 40 * DAY_MS);
const GREEN = 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da';
const AMBER = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82';

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

async function open(indicators: number, source: Readonly<Record<string, unknown>> = {}): Promise<Stack> {
  const opened = await openStack({
    sandbox: ['--indicators', String(indicators)],
    source: { ...SOURCE, ...source },
    policy: { exclude: { reservedAddresses: false } },
  });
  stack = opened;
  await opened.startWorker();
  return opened;
}

async function seen({ control }: Stack): Promise<Seen> {
  return counts.parse(await tipCounts({ control }));
}

async function held({ control }: Stack): Promise<ReadonlyMap<string, z.infer<typeof holding>>> {
  const holdings = z.array(holding).parse(await control('POST', '/tips/threatstream/holdings'));
  return new Map(holdings.map((each) => [each.value, each]));
}

/** An analyst approves all import sessions that wait for one. */
async function approve({ control }: Stack): Promise<void> {
  await control('POST', '/tips/threatstream/review', { decision: 'approve' });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A host that the stand-in for MDTI gives a score from 50 on, with the sandbox's default seed. */
function scored(candidate: (index: number) => string): string {
  for (let index = 1; ; index += 1) {
    const host = candidate(index);
    if ((madeUpReputation(1, host)?.score ?? 0) >= 50) return host;
  }
}

/** A row of a hash, ingested a minute ago, changed as the patch says. */
function hashRow(name: string, patch: Partial<ArrivingRow> & { readonly marking?: string } = {}): ArrivingRow {
  const { marking = AMBER, ...columns } = patch;
  return {
    IngestionTime: ago(60_000),
    Id: `indicator--${name}`,
    ObservableKey: "file:hashes.'SHA-256'",
    ObservableValue: sha256(name),
    Confidence: 80,
    ValidUntil: END.toISOString(),
    Modified: ago(60_000),
    Data: { object_marking_refs: [marking] },
    ...columns,
  };
}

/** The edit of a row: it arrives now. */
function edit(name: string, patch: Partial<ArrivingRow> & { readonly marking?: string }): ArrivingRow {
  const { IngestionTime: _, ...row } = hashRow(name, { Modified: ago(0), ...patch });
  return row;
}

/** Runs until what has just arrived is read: a run reads up to the whole second, and leaves the rest of it to the next. */
async function syncArrived({ sync }: Stack): Promise<Record<string, unknown>> {
  let run = await sync();
  while (run['rows'] === 0) run = await sync();
  return run;
}

/** The first instant of the month after that. */
function monthAfter(date: Date): string {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)).toISOString();
}

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

test('a republished table costs reading it, and nothing else', async () => {
  const opened = await open(150);
  const first = await opened.sync();
  const before = await seen(opened);
  expect(before.holds).toBeGreaterThan(60);
  await opened.control('POST', '/republish');

  const again = await syncArrived(opened);
  expect(again['rows']).toBeGreaterThan(100);
  expect(again).toMatchObject({ new: 0, changed: 0, confirmed: 0, held: 0, batches: 0, pending: 0 });
  expect(again['malformed']).toBe(first['malformed']);
  expect(await seen(opened)).toEqual(before);

  // The run of a pipeline that keeps up is one step: no workflow below it, and nothing written for the lists.
  const { client } = opened.temporal;
  const { events } = await client.workflow.getHandle(String(again['workflowId'])).fetchHistory();
  const steps = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: step }) => step?.activityType?.name ?? [],
  );
  expect(steps).toEqual(['plan']);
  expect(events?.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes)).toEqual([]);
  expect(events?.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)).toEqual([]);
});

test('what a destination would show is delivered again, once; what it would not show is not', async () => {
  const host = scored((index) => `mail-${index}.example.com`);
  const opened = await open(0);
  const domain = { ObservableKey: 'domain-name:value', ObservableValue: host };
  const names = ['confidence', 'expiry', 'tags', 'tlp', 'untouched'];
  await opened.control('POST', '/rows', [...names.map((name) => hashRow(name)), hashRow('host', domain)]);
  expect(await opened.sync()).toMatchObject({ new: 6, confirmed: 6 });
  await approve(opened);
  const before = await seen(opened);
  expect(before).toMatchObject({ holds: 6, updates: 0 });
  const idsOf = async () => new Map([...(await held(opened))].map(([value, { id }]) => [value, id]));
  const ids = await idsOf();

  await opened.control('POST', '/rows', [
    edit('confidence', { Confidence: 60 }),
    edit('expiry', { ValidUntil: LATER.toISOString() }),
    edit('tags', { Tags: 'campaign:beta' }),
    edit('tlp', { marking: GREEN }),
    edit('untouched', {}),
    // Its score is what is shown, so the source's own confidence is not.
    edit('host', { ...domain, Confidence: 60 }),
  ]);
  expect(await syncArrived(opened)).toMatchObject({
    rows: 6,
    new: 0,
    changed: 5,
    unchanged: 1,
    confirmed: 5,
    rejected: 0,
  });

  expect(await seen(opened)).toEqual({ ...before, updates: 4 });
  const holdings = await held(opened);
  expect(holdings.get(sha256('confidence'))).toMatchObject({ confidence: 60, tlp: 'amber' });
  expect(holdings.get(sha256('expiry'))).toMatchObject({ confidence: 80, expiration: monthAfter(LATER) });
  expect(holdings.get(sha256('tags'))?.tags).toContain('campaign:beta');
  expect(holdings.get(sha256('tlp'))).toMatchObject({ confidence: 80, tlp: 'green' });
  expect(await idsOf()).toEqual(ids);

  await opened.sync();
  expect(await seen(opened)).toEqual({ ...before, updates: 4 });
});

test('what is revoked, deleted or expired at the source is withdrawn, and nothing else', async () => {
  const opened = await open(0);
  const names = ['revoked', 'deleted', 'inactive', 'expired', 'above', 'living'];
  await opened.control(
    'POST',
    '/rows',
    names.map((name) => hashRow(name)),
  );
  expect(await opened.sync()).toMatchObject({ new: 6, confirmed: 6 });
  await approve(opened);

  await opened.control('POST', '/rows', [
    edit('revoked', { Revoked: true }),
    edit('deleted', { IsDeleted: true }),
    edit('inactive', { IsActive: false }),
    edit('expired', { ValidUntil: ago(3_600_000) }),
    edit('above', { marking: 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed' }),
    edit('living', {}),
  ]);
  expect(await syncArrived(opened)).toMatchObject({ rows: 6, excluded: 5, unchanged: 1, retracted: 5, pending: 0 });

  expect(await seen(opened)).toMatchObject({ holds: 1, withdrawn: 5, duplicates: 0, updates: 0 });
  const holdings = await held(opened);
  const gone = [...holdings].filter(([, { status }]) => status === 'gone').map(([value]) => value);
  expect(gone.toSorted()).toEqual(names.slice(0, 5).map(sha256).toSorted());
  expect(holdings.get(sha256('living'))?.status).toBe('active');

  // What comes back to life is what it was.
  await opened.control('POST', '/rows', [edit('revoked', { Confidence: 85 })]);
  expect(await syncArrived(opened)).toMatchObject({ confirmed: 1 });
  expect(await seen(opened)).toMatchObject({ holds: 2, duplicates: 0, discarded: 0, sessions: 1 });
  expect((await held(opened)).get(sha256('revoked'))).toEqual({ ...holdings.get(sha256('revoked')), status: 'active' });
});

test('a row that arrives late, in a window that is closed, is picked up by the next run', async () => {
  const opened = await open(0, { overlap: '10m' });
  await opened.control('POST', '/rows', [hashRow('punctual')]);
  expect(await opened.sync()).toMatchObject({ rows: 1, confirmed: 1 });
  await opened.control('POST', '/rows', [hashRow('late', { IngestionTime: ago(120_000) })]);
  expect(await opened.sync()).toMatchObject({ rows: 2, new: 1, unchanged: 1, confirmed: 1 });
  expect(await seen(opened)).toMatchObject({ holds: 2, duplicates: 0, updates: 0 });
});

test('one Id with two observables gives two indicators; an edit that names only one takes the other back', async () => {
  const opened = await open(0);
  // Rows of one edit: what was modified later, if only by a millisecond, is another.
  const pair = { Id: 'indicator--pair', Modified: ago(60_000) };
  const [one, two] = ['one', 'two'].map((name) => hashRow(name, pair));
  await opened.control('POST', '/rows', [one, two]);
  expect(await opened.sync()).toMatchObject({ rows: 2, new: 2, confirmed: 2 });
  expect([...(await held(opened)).keys()].toSorted()).toEqual([sha256('one'), sha256('two')].toSorted());
  await approve(opened);

  await opened.control('POST', '/rows', [edit('one', { Id: 'indicator--pair' })]);
  expect(await syncArrived(opened)).toMatchObject({ rows: 1, retracted: 1 });
  expect(await seen(opened)).toMatchObject({ holds: 1, withdrawn: 1, duplicates: 0 });
  expect((await held(opened)).get(sha256('two'))?.status).toBe('gone');
});

test('rows of which Sentinel parsed nothing are read from their pattern', async () => {
  const host = scored((index) => `cdn-${index}.example.com`);
  const address = scored((index) => `203.0.113.${index}`);
  const opened = await open(0);
  const raw = { ObservableKey: '', ObservableValue: '' };
  await opened.control('POST', '/rows', [
    hashRow('raw', { ...raw, Pattern: `[domain-name:value = '${host}' OR ipv4-addr:value = '${address}']` }),
    hashRow('other', { ...raw, Pattern: `[file:hashes.'SHA-256' = '${sha256('other')}']` }),
    hashRow('sequence', { ...raw, Pattern: `[url:value = 'http://a.example.com/'] FOLLOWEDBY [url:value = 'b']` }),
  ]);
  expect(await opened.sync()).toMatchObject({ rows: 4, new: 3, malformed: 1, confirmed: 3 });
  expect([...(await held(opened)).keys()].toSorted()).toEqual([host, address, sha256('other')].toSorted());
});
