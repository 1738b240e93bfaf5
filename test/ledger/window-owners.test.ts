import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import {
  claimWindow,
  LEASE_MS,
  type Owner,
  otherOwners,
  releaseWindows,
  renewLeases,
} from '../../ledger/window-owners.ts';
import {
  beginCoverage,
  closeWindow,
  coverageBegin,
  failWindow,
  planWindows,
  touchingWindows,
  windowOf,
} from '../../ledger/windows.ts';
import { letLeaseRunOut } from './run.ts';
import { openTestLedger } from './test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const LIVE: Owner = { workflowId: 'sync/p', runId: 'live' };
const NEXT_LIVE: Owner = { workflowId: 'sync/p later', runId: 'next live' };
const BACKFILL: Owner = { workflowId: 'backfill/p', runId: 'backfill' };
const at = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
const hours = (windows: readonly { readonly from: string }[]): readonly number[] =>
  windows.map(({ from }) => new Date(from).getUTCHours());

let pipelines = 0;
/** A pipeline of its own; windows are an hour long. */
function newPipeline() {
  pipelines += 1;
  const pipeline = `pipeline ${pipelines}`;
  const plan = (owner: Owner, from: number, to: number, limit = 100) =>
    planWindows(ledger, {
      pipeline,
      kind: owner === BACKFILL ? 'backfill' : 'live',
      owner,
      span: { from: at(from), to: at(to) },
      windowMs: 3_600_000,
      overlapMs: 0,
      limit,
      now: new Date(at(to)),
    });
  const states = async (): Promise<readonly string[]> =>
    (await touchingWindows(ledger, pipeline, { from: at(0), to: at(24) })).map(({ state }) => state);
  return { pipeline, plan, states };
}

/** What is left of a window's lease, in milliseconds. */
async function leaseOf(windowId: number | undefined): Promise<number> {
  const { rows } = await sql<{ left: number }>`
    select (extract(epoch from leased_until - now()) * 1000)::float8 as left from windows where id = ${windowId}`.execute(
    ledger,
  );
  return rows[0]?.left ?? Number.NaN;
}

test('what one run is at work on is left to it, by a live run and by another backfill', async () => {
  const { plan } = newPipeline();
  const mine = await plan(BACKFILL, 0, 3);
  expect(mine).toMatchObject({ remaining: 3, others: 0 });
  const live = await plan(LIVE, 1, 5);
  expect(hours(live.windows)).toEqual([3, 4]);
  expect(live).toMatchObject({ remaining: 2, others: 2 });
  const another = await plan({ workflowId: 'backfill/p another', runId: 'another' }, 0, 5);
  expect(another).toEqual({ windows: [], remaining: 0, others: 5 });
});

test('a run that asks again, in another attempt or as the next one of its chain, gets what is its own', async () => {
  const { plan } = newPipeline();
  const first = await plan(BACKFILL, 0, 4, 2);
  expect(first).toMatchObject({ remaining: 4 });
  expect((await plan(BACKFILL, 0, 4, 2)).windows).toEqual(first.windows);
});

test('what has failed under a run is not handed out to it again, but to any other, and to one of the same id', async () => {
  const { plan, pipeline } = newPipeline();
  const [window] = (await plan(BACKFILL, 0, 2)).windows;
  await failWindow(ledger, window?.id ?? 0, 'of a reason');
  expect(hours((await plan(BACKFILL, 0, 2)).windows)).toEqual([1]);
  expect(hours((await plan({ ...BACKFILL, runId: 'started again' }, 0, 2)).windows)).toEqual([0, 1]);
  await releaseWindows(ledger, pipeline, { ...BACKFILL, runId: 'started again' }, 'cancelled');
  expect(hours((await plan(LIVE, 0, 2)).windows)).toEqual([0, 1]);
});

describe('a run that ended without a word', () => {
  test('has its windows until their leases have run out; then they are anybody else’s', async () => {
    const { plan, states } = newPipeline();
    const [first, second] = (await plan(BACKFILL, 0, 2)).windows;
    await letLeaseRunOut(ledger, first?.id ?? 0);
    expect(await states()).toEqual(['abandoned', 'running']);
    const live = await plan(LIVE, 0, 2);
    expect(hours(live.windows)).toEqual([0]);
    expect(live).toMatchObject({ remaining: 1, others: 1 });
    await letLeaseRunOut(ledger, second?.id ?? 0);
    expect(hours((await plan(LIVE, 0, 2)).windows)).toEqual([0, 1]);
    expect(await states()).toEqual(['running', 'running']);
  });

  test('is over when the same workflow is there again', async () => {
    const { plan } = newPipeline();
    await plan(BACKFILL, 0, 2);
    expect(await plan({ ...BACKFILL, runId: 'started again' }, 0, 2)).toMatchObject({ remaining: 2, others: 0 });
  });
});

test('cancelling one run leaves the windows of the others alone', async () => {
  const { plan, pipeline, states } = newPipeline();
  await plan(BACKFILL, 0, 1);
  await plan(LIVE, 0, 3);
  expect(await otherOwners(ledger, pipeline, LIVE)).toEqual([BACKFILL]);
  expect(await releaseWindows(ledger, pipeline, BACKFILL, 'the backfill was cancelled')).toBe(1);
  expect(await states()).toEqual(['failed', 'running', 'running']);
  expect(await otherOwners(ledger, pipeline, LIVE)).toEqual([]);
});

describe('a step', () => {
  test('is its owner’s to run, and nobody else’s', async () => {
    const { plan } = newPipeline();
    const id = (await plan(BACKFILL, 0, 1)).windows[0]?.id ?? 0;
    expect(await claimWindow(ledger, id, BACKFILL)).toBe(true);
    expect(await claimWindow(ledger, id, LIVE)).toBe(false);
    expect(await claimWindow(ledger, id, { ...BACKFILL, runId: 'an earlier run' })).toBe(false);
    await letLeaseRunOut(ledger, id);
    expect(await claimWindow(ledger, id, BACKFILL)).toBe(true);
    expect(await leaseOf(id)).toBeGreaterThan(LEASE_MS / 2);
  });

  test('takes up again what has failed, as after a wait for a person, unless another has it by then', async () => {
    const { plan, states } = newPipeline();
    const id = (await plan(LIVE, 0, 1)).windows[0]?.id ?? 0;
    await failWindow(ledger, id, 'a wrong key');
    expect(await claimWindow(ledger, id, LIVE)).toBe(true);
    expect(await states()).toEqual(['running']);
    await failWindow(ledger, id, 'a wrong key');
    await plan(BACKFILL, 0, 1);
    expect(await claimWindow(ledger, id, LIVE)).toBe(false);
  });

  test('may be repeated after the window was closed, by who closed it; it stays closed', async () => {
    const { plan, states } = newPipeline();
    const id = (await plan(LIVE, 0, 1)).windows[0]?.id ?? 0;
    await closeWindow(ledger, id, 0, new Date());
    expect(await claimWindow(ledger, id, LIVE)).toBe(true);
    expect(await claimWindow(ledger, id, BACKFILL)).toBe(false);
    await failWindow(ledger, id, 'a step that comes late');
    expect(await states()).toEqual(['done']);
    expect(await plan(BACKFILL, 0, 1)).toEqual({ windows: [], remaining: 0, others: 0 });
  });

  test('keeps all windows of its run, and those only', async () => {
    const { plan, pipeline } = newPipeline();
    const [one, two] = (await plan(LIVE, 0, 2)).windows;
    const [other] = (await plan(NEXT_LIVE, 2, 3)).windows;
    for (const window of [one, two, other]) await letLeaseRunOut(ledger, window?.id ?? 0);
    await renewLeases(ledger, pipeline, LIVE);
    expect(await leaseOf(one?.id)).toBeGreaterThan(LEASE_MS / 2);
    expect(await leaseOf(two?.id)).toBeGreaterThan(LEASE_MS / 2);
    expect(await leaseOf(other?.id)).toBeLessThanOrEqual(0);
    await renewLeases(ledger, pipeline, LIVE, 600_000);
    await renewLeases(ledger, pipeline, LIVE);
    expect(await leaseOf(one?.id)).toBeGreaterThan(600_000);
  });
});

describe('the beginning of coverage', () => {
  const since = new Date(at(3));

  test('is written once, whatever becomes of the first windows', async () => {
    const { plan, pipeline } = newPipeline();
    expect(await coverageBegin(ledger, pipeline)).toBeNull();
    expect(await beginCoverage(ledger, pipeline, since)).toEqual(since);
    const [first] = (await plan(LIVE, 3, 6)).windows;
    await failWindow(ledger, first?.id ?? 0, 'of a reason');
    await plan(BACKFILL, 0, 6);
    await releaseWindows(ledger, pipeline, BACKFILL, 'the backfill was cancelled');
    expect(await beginCoverage(ledger, pipeline, new Date(at(9)))).toEqual(since);
    expect(hours((await plan(NEXT_LIVE, 3, 6)).windows)).toEqual([3]);
    // As a worker of the release before would, or a ledger whose old windows are thinned out.
    await sql`update windows set kind = 'backfill' where id = ${first?.id}`.execute(ledger);
    expect(await coverageBegin(ledger, pipeline)).toEqual(since);
  });

  test('is the first live window in a ledger that is older than it, whatever became of that', async () => {
    const { plan, pipeline } = newPipeline();
    const [first] = (await plan(LIVE, 3, 6)).windows;
    await failWindow(ledger, first?.id ?? 0, 'of a reason');
    await plan(BACKFILL, 0, 6);
    expect(await coverageBegin(ledger, pipeline)).toEqual(since);
    expect(await beginCoverage(ledger, pipeline, new Date(at(9)))).toEqual(since);
    expect((await windowOf(ledger, first?.id ?? 0)).state).toBe('running');
  });

  test('is not made by a backfill', async () => {
    const { plan, pipeline } = newPipeline();
    await plan(BACKFILL, 0, 2);
    expect(await coverageBegin(ledger, pipeline)).toBeNull();
    expect(await beginCoverage(ledger, pipeline, since)).toEqual(since);
  });
});
