import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Activities, createActivities } from '../../activities/create-activities.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { planWindows } from '../../ledger/windows.ts';
import { decideWindow, readWindow } from '../ledger/decided-window.ts';
import { observation } from '../ledger/observation.ts';
import { letLeaseRunOut, RUN } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { partsWith } from './parts.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
let steps: Activities;
beforeAll(async () => {
  ({ ledger, close } = await openTestLedger());
  steps = createActivities(partsWith(ledger, { name: 'p' }));
});
afterAll(() => close());

const SILENT = new DefaultLogger('ERROR', () => undefined);
const step = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment({}, { logger: SILENT }).run(work);

const FROM = '2026-11-24T08:00:00.000Z';
const GONE = { pipeline: 'p', owner: RUN, windowId: 4_711, from: FROM };
const slice = { from: FROM, to: FROM, bucket: 0, buckets: 1 };

/** What a person reads: what is not known, why, and what to press. */
const told = (lacks: string) => ({
  type: 'Refused',
  nonRetryable: true,
  message: `The ledger ${lacks}: it was probably restored from a backup that is older than the run. End the run with 'mdti-sync runs cancel ${RUN.workflowId}'; the next one reads anew what the ledger does not have.`,
});

const ofAWindow: Readonly<Record<string, () => Promise<unknown>>> = {
  readWindow: () => steps.readWindow(GONE),
  extract: () => steps.extract({ ...GONE, slice }),
  formBatches: () => steps.formBatches({ ...GONE, after: 0, limit: 1 }),
  score: () => steps.score({ ...GONE, scoring: 1 }),
  'score, of a batch': () => steps.score({ ...GONE, batch: 1 }),
  orderBatches: () => steps.orderBatches({ ...GONE, after: 0, limit: 1 }),
  deliver: () => steps.deliver({ ...GONE, batch: 1 }),
  confirm: () => steps.confirm({ ...GONE, batch: 1 }),
  closeWindow: () => steps.closeWindow({ ...GONE, failure: null }),
  'closeWindow, of what has failed': () => steps.closeWindow({ ...GONE, failure: 'a wrong key' }),
};

test.each(Object.keys(ofAWindow))('a window that the ledger does not know blocks the run: %s', async (name) => {
  const lacks = `does not know the window from ${FROM} of p, which the run was given`;
  await expect(step(ofAWindow[name] ?? expect.fail())).rejects.toMatchObject(told(lacks));
});

test('a run of an earlier release knows a window by its number alone', async () => {
  const lacks = 'does not know the window 4711 of p, which the run was given';
  const { from, ...gone } = GONE;
  expect(from).toBe(FROM);
  await expect(step(() => steps.readWindow(gone))).rejects.toMatchObject(told(lacks));
});

test.each([
  ['another pipeline', 'q', FROM],
  ['another time', 'p', '2026-11-24T09:00:00.000Z'],
])(
  'a window of %s, which a restored ledger has given the number to, is not taken for the one that is meant',
  async (_of, pipeline, from) => {
    const { windows } = await planWindows(ledger, {
      pipeline,
      kind: 'live',
      owner: { workflowId: 'another run', runId: 'another' },
      span: { from, to: new Date(Date.parse(from) + 3_600_000).toISOString() },
      windowMs: 3_600_000,
      overlapMs: 0,
      limit: 1,
      now: new Date(),
    });
    const windowId = windows[0]?.id ?? 0;
    // Anybody could have it.
    await letLeaseRunOut(ledger, windowId);
    const before = await sql`select * from windows where id = ${windowId}`.execute(ledger);
    await expect(step(() => steps.extract({ ...GONE, windowId, slice }))).rejects.toMatchObject(
      told(`does not know the window from ${FROM} of p, which the run was given`),
    );
    expect((await sql`select * from windows where id = ${windowId}`.execute(ledger)).rows).toEqual(before.rows);
  },
);

let hosts = 0;
/** One that has been read, with a batch of two. */
async function known() {
  const windowId = await readWindow(
    ledger,
    'p',
    [1, 2].map((row) => observation(`h${(hosts += row)}.example.com`)),
  );
  const window = await ledger.selectFrom('windows').select('from_time').where('id', '=', windowId).execute();
  return { pipeline: 'p', owner: RUN, windowId, from: window[0]?.from_time.toISOString() ?? '' };
}

test.each(['score', 'deliver', 'confirm'] as const)(
  'a batch that the ledger does not know blocks the run: %s',
  async (name) => {
    const window = await known();
    const lacks = `does not know batch 2 of the window from ${window.from} of p, which the run was given`;
    await expect(step((): Promise<unknown> => steps[name]({ ...window, batch: 2 }))).rejects.toMatchObject(told(lacks));
    expect(await step(() => steps.confirm({ ...window, batch: 1 }))).toMatchObject({ pending: 2 });
  },
);

test('what is scored together, and the ledger does not know, blocks the run; what it has scored already does not', async () => {
  const window = await known();
  const formed = await step(() => steps.formBatches({ ...window, after: 0, limit: 1, scoresFirst: true }));
  expect(formed).toMatchObject({ toScore: [{ scoring: 1, items: 2 }] });
  const lacks = `does not know batch 2 of the window from ${window.from} of p, which the run was given`;
  await expect(step(() => steps.score({ ...window, scoring: 2 }))).rejects.toMatchObject(told(lacks));
  await decideWindow(ledger, window.windowId);
  expect(await step(() => steps.score({ ...window, scoring: 1 }))).toEqual({
    hosts: 0,
    lookedUp: 0,
    deliver: 0,
    hold: 0,
  });
});

test('a window is not closed of which the ledger has fewer rows than the run has read', async () => {
  const window = await known();
  await decideWindow(ledger, window.windowId);
  await sql`update batch_items set outcome = 'confirmed' where window_id = ${window.windowId}`.execute(ledger);
  const closing = (rows: number) =>
    step(() => steps.closeWindow({ ...window, failure: null, read: { rows, by: RUN } }));
  await expect(closing(1_200)).rejects.toMatchObject(
    told(`has 2 of 1,200 rows that the run has read of the window from ${window.from} of p`),
  );
  expect(await closing(2)).toMatchObject({ rows: 2, confirmed: 2 });
});
