import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type WindowKeeper, windowKeeper } from '../../activities/hold-windows.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { LEASE_MS } from '../../ledger/window-owners.ts';
import { planWindows } from '../../ledger/windows.ts';
import { letLeaseRunOut, RUN } from '../ledger/run.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());
afterEach(() => {
  vi.useRealTimers();
});

let pipelines = 0;
/** A run that has two windows, and is at work on the first. */
async function atWork(): Promise<{ keeper: WindowKeeper; step: Parameters<WindowKeeper['during']>[0]; ids: number[] }> {
  pipelines += 1;
  const pipeline = `pipeline ${pipelines}`;
  const { windows } = await planWindows(ledger, {
    pipeline,
    kind: 'live',
    owner: RUN,
    span: { from: '2026-11-24T00:00:00Z', to: '2026-11-24T02:00:00Z' },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: 2,
    now: new Date(),
  });
  const ids = windows.map(({ id }) => id);
  return { keeper: windowKeeper(ledger), step: { pipeline, owner: RUN, windowId: ids[0] ?? 0 }, ids };
}

/** What is left of each window's lease, in whole minutes; 0 when it has run out. */
async function minutes(ids: readonly number[]): Promise<readonly number[]> {
  const { rows } = await sql<{ left: number }>`
    select (extract(epoch from leased_until - now()) / 60)::float8 as left
    from windows where id in (${sql.join(ids)}) order by id`.execute(ledger);
  return rows.map(({ left }) => Math.max(0, Math.round(left)));
}

const LEASE = LEASE_MS / 60_000;

test('a step of another run fails, and does nothing', async () => {
  const { keeper, step } = await atWork();
  const work = vi.fn(async () => undefined);
  const other = { ...step, owner: { workflowId: 'another', runId: 'another' } };
  await expect(keeper.during(other, work)).rejects.toMatchObject({ type: 'Taken', nonRetryable: true });
  expect(work).not.toHaveBeenCalled();
  await keeper.during(step, work);
  expect(work).toHaveBeenCalledOnce();
});

test('a step that begins says of all windows of its run that they are at work, and says it again while it is', async () => {
  const { keeper, step, ids } = await atWork();
  const runOut = (): Promise<unknown> => Promise.all(ids.map((id) => letLeaseRunOut(ledger, id)));
  await runOut();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  await keeper.during(step, async () => {
    expect(await minutes(ids)).toEqual([LEASE, LEASE]);
    await runOut();
    // Others of its steps have nothing to add so soon.
    await keeper.during({ ...step, windowId: ids[1] ?? 0 }, async () => undefined);
    expect(await minutes(ids)).toEqual([0, LEASE]);
    await runOut();
    vi.advanceTimersByTime(60_000);
    await expect.poll(() => minutes(ids), { timeout: 30_000 }).toEqual([LEASE, LEASE]);
  });
  await runOut();
  vi.advanceTimersByTime(600_000);
  expect(await minutes(ids)).toEqual([0, 0]);
});

test('a step that will come back later keeps its windows until then, but not for hours', async () => {
  const { keeper, step, ids } = await atWork();
  await keeper.until(step, 2 * 60_000);
  expect(await minutes(ids)).toEqual([LEASE + 2, LEASE + 2]);
  await keeper.until(step, 60_000);
  expect(await minutes(ids)).toEqual([LEASE + 2, LEASE + 2]);
  await keeper.until(step, 24 * 60 * 60_000);
  expect(await minutes(ids)).toEqual([LEASE + 5, LEASE + 5]);
});
