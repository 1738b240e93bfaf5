import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import type { ArrivingRow } from '../../sandbox/rows/arrived-row.ts';
import { openStack } from './open-stack.ts';
import { searchThreatStream } from './search-threatstream.ts';
import { holding } from './shown-holding.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({
  requests: z.looseObject({ threatstream: z.number() }),
  holds: z.number(),
  sessions: z.number(),
  duplicates: z.number(),
  discarded: z.number(),
});
const statusShape = z.object({
  pipelines: z.tuple([
    z.object({
      deliveries: z.record(z.string(), z.number()),
      rejectedBy: z.array(z.object({ reason: z.string(), items: z.number() })),
      setAside: z.array(z.object({ reason: z.string(), items: z.number() })),
    }),
  ]),
});

const SIZE = 10;

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

async function open(faults: object = {}): Promise<Stack> {
  const opened = await openStack({
    sandbox: ['--indicators', '0'],
    source: { since: '2h', window: oneWindow(new Date()) },
    policy: { exclude: { reservedAddresses: false } },
  });
  stack = opened;
  await opened.control('PUT', '/faults', { threatstream: faults });
  await opened.startWorker();
  return opened;
}

function fromNow(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

function valueOf(group: string, index: number): string {
  return createHash('sha256').update(`${group} ${index}`).digest('hex');
}

/** Those of one confidence wait in one session. */
function rowsOf(group: string, confidence: number): readonly ArrivingRow[] {
  return Array.from({ length: SIZE }, (_, index) => ({
    IngestionTime: fromNow(-60_000),
    Modified: fromNow(-60_000),
    Id: `indicator--${group}-${index}`,
    ObservableKey: "file:hashes.'SHA-256'",
    ObservableValue: valueOf(group, index),
    Confidence: confidence,
    ValidUntil: null,
    Data: { labels: ['malware'] },
  }));
}

/** The edit of a row: it arrives now. */
function edit(row: ArrivingRow | undefined, patch: Partial<ArrivingRow>): ArrivingRow {
  if (row === undefined) throw new Error('There is no such row.');
  const { IngestionTime: _, ...same } = row;
  return { ...same, Modified: fromNow(0), ...patch };
}

async function seen({ control }: Stack): Promise<z.infer<typeof counts>> {
  return counts.parse(await tipCounts({ control }));
}

/** What it costs ThreatStream. */
async function requestsOf(opened: Stack, act: () => Promise<unknown>): Promise<number> {
  const before = (await seen(opened)).requests.threatstream;
  await act();
  return (await seen(opened)).requests.threatstream - before;
}

/** Runs until what has just arrived is read: a run reads up to the whole second, and leaves the rest of it to the next. */
async function syncArrived({ sync }: Stack): Promise<Record<string, unknown>> {
  let run = await sync();
  while (run['rows'] === 0) run = await sync();
  return run;
}

async function holdingsOf({ control }: Stack) {
  const all = z.array(holding).parse(await control('POST', '/tips/threatstream/holdings'));
  return new Map(all.map((one) => [one.value, one]));
}

async function decide(opened: Stack, group: string, decision: string, values: readonly string[] = []): Promise<void> {
  const [shown] = await searchThreatStream(opened, valueOf(group, SIZE - 1));
  const session = shown?.import_session_id ?? null;
  expect(await opened.control('POST', '/tips/threatstream/review', { session, decision, values })).toEqual({
    sessions: 1,
  });
}

async function statusOf(opened: Stack): Promise<z.infer<typeof statusShape>['pipelines'][0]> {
  const finished = await opened.command('status', '--pipeline', opened.pipeline, '--json');
  return statusShape.parse(lastLine(finished)).pipelines[0];
}

test('what analysts decide is learnt at once, shown, and respected', async () => {
  const opened = await open();
  const [approved, rejected, thinned, waiting] = [
    rowsOf('approved', 90),
    rowsOf('rejected', 80),
    rowsOf('thinned', 70),
    rowsOf('waiting', 60),
  ];
  const all = [approved, rejected, thinned, waiting].flat();
  await opened.control('POST', '/rows', all);
  expect(await opened.sync()).toMatchObject({ new: 4 * SIZE, confirmed: 4 * SIZE, rejected: 0 });
  expect(await seen(opened)).toMatchObject({ holds: 4 * SIZE, sessions: 4 });

  const out = [0, 1, 2].map((index) => valueOf('thinned', index));
  await decide(opened, 'approved', 'approve');
  await decide(opened, 'rejected', 'reject');
  await decide(opened, 'thinned', 'exclude', out);
  // One list for all that wait and, for each that is decided, what became of its indicators.
  expect(await requestsOf(opened, opened.sync)).toBeLessThanOrEqual(1 + 3 * 4);
  expect(await requestsOf(opened, opened.sync)).toBe(1);

  const status = await statusOf(opened);
  expect(status.deliveries).toMatchObject({ confirmed: 3 * SIZE - out.length, rejected: SIZE + out.length });
  for (const { reason } of status.rejectedBy) expect(reason).toContain('by an analyst');
  expect((await opened.command('status', '--pipeline', opened.pipeline)).stdout).toContain('by an analyst');

  // Said once more, or said otherwise: neither is news to an analyst. That it is phishing is.
  await opened.control('POST', '/republish');
  expect(await syncArrived(opened)).toMatchObject({ new: 0, changed: 0 });
  await opened.control('POST', '/rows', [
    edit(rejected[0], { Confidence: 50 }),
    edit(rejected[1], { Data: { labels: ['phishing'] } }),
    edit(waiting[0], { Revoked: true }),
  ]);
  expect(await syncArrived(opened)).toMatchObject({ changed: 2, confirmed: 1, rejected: 1, retracted: 1 });
  expect(await seen(opened)).toMatchObject({ sessions: 5, duplicates: 0, discarded: 0 });
  expect((await holdingsOf(opened)).get(valueOf('rejected', 1))?.status).toBe('awaiting-review');

  // What was revoked is no longer among what an analyst approves.
  await opened.control('POST', '/tips/threatstream/review', { decision: 'approve' });
  await opened.sync();
  const active = [...(await holdingsOf(opened))].flatMap(([value, one]) => (one.status === 'active' ? [value] : []));
  const wanted = [...approved, ...rejected.slice(1, 2), ...thinned.slice(out.length), ...waiting.slice(1)].map(
    ({ ObservableValue }) => String(ObservableValue),
  );
  expect(active.toSorted()).toEqual(wanted.toSorted());
  expect(await requestsOf(opened, opened.sync)).toBe(0);
});

test('what changes or ends while it waits, and may not be touched until then, is changed or withdrawn once it is approved', async () => {
  const opened = await open({ mayExclude: false, expiryNeedsActive: true });
  const rows = rowsOf('waiting', 90);
  await opened.control('POST', '/rows', rows);
  expect(await opened.sync()).toMatchObject({ confirmed: SIZE });
  await opened.control('POST', '/rows', [
    edit(rows[0], { Revoked: true }),
    edit(rows[1], { ValidUntil: '2031-05-05T00:00:00Z' }),
    edit(rows[2], { Confidence: 70 }),
  ]);
  expect(await syncArrived(opened)).toMatchObject({ changed: 2, confirmed: 1, setAside: 1, rejected: 0 });
  const { setAside } = await statusOf(opened);
  expect(setAside).toHaveLength(2);
  for (const { reason } of setAside) expect(reason).toContain('waits for a review');

  await opened.control('POST', '/tips/threatstream/review', { decision: 'approve' });
  await opened.sync();
  await opened.sync();
  const holdings = await holdingsOf(opened);
  expect(holdings.get(valueOf('waiting', 0))?.status).toBe('gone');
  expect(holdings.get(valueOf('waiting', 1))).toMatchObject({
    status: 'active',
    expiration: '2031-06-01T00:00:00.000Z',
  });
  expect(holdings.get(valueOf('waiting', 2))).toMatchObject({ status: 'active', confidence: 70 });
  expect(await seen(opened)).toMatchObject({ holds: SIZE - 1, sessions: 1, duplicates: 0, discarded: 0 });
  expect((await statusOf(opened)).setAside).toEqual([]);
});
