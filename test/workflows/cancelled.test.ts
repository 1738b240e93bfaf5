import type { WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_ROWS } from '../../indicators/counts.ts';
import { progressQuery } from '../../workflows/handles.ts';
import { openWorkflows, QUIET, type Script, type Workflows } from './open-workflows.ts';
import { failureOf, planned, planOf, windowOf } from './planned.ts';

let workflows: Workflows;
beforeAll(async () => {
  workflows = await openWorkflows();
});
afterAll(() => workflows.close());

const SYNC = { pipeline: 'p' };

async function blocked(run: WorkflowHandle): Promise<void> {
  await expect.poll(async () => (await run.query(progressQuery)).state, { timeout: 30_000 }).toBe('blocked');
}

const refused = async (): Promise<never> => {
  throw failureOf('Refused');
};
const blockedIn: Readonly<Record<string, Script>> = {
  plan: { plan: refused },
  'a window': { plan: planOf(planned([windowOf(0)])), readWindow: refused },
  'a batch': { plan: planOf(planned([windowOf(0)])), score: refused },
};

test.each(Object.keys(blockedIn))(
  'a run that is blocked in %s ends when it is cancelled, and lets go of its windows',
  async (where) => {
    const released: unknown[] = [];
    const run = await workflows.start('sync', SYNC, {
      ...blockedIn[where],
      async releaseWindows(input) {
        released.push(input);
        return 1;
      },
    });
    await blocked(run);
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(released).toEqual([expect.objectContaining({ pipeline: 'p', reason: 'the sync was cancelled' })]);
  },
);

test('a run whose ledger is damaged ends as cancelled all the same', async () => {
  const run = await workflows.start('sync', SYNC, { plan: refused, releaseWindows: refused });
  await blocked(run);
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
});

test('a window is closed by a run that says how many rows it has read, each slice once', async () => {
  const closed: unknown[] = [];
  const { from } = windowOf(0);
  const half = { from, to: windowOf(1).from, bucket: 0, buckets: 2 };
  const other = { ...half, bucket: 1 };
  const run = await workflows.start('sync', SYNC, {
    plan: planOf(planned([windowOf(0), { ...windowOf(1), slices: [], rows: 7 }])),
    // One slice is given twice: as its own, and as one that was set aside.
    readWindow: async () => ({ kind: 'open', slices: [half, other, half] }),
    extract: async ({ slice }) => ({ ...NO_ROWS, rows: slice.bucket === 0 ? 100 : 20 }),
    async closeWindow(input) {
      closed.push(input);
      return QUIET.closeWindow(input);
    },
  });
  await run.result();
  expect(closed).toHaveLength(2);
  expect(closed).toContainEqual(
    expect.objectContaining({ windowId: 1, from, read: { rows: 120, by: expect.anything() } }),
  );
  expect(closed).toContainEqual(expect.objectContaining({ windowId: 2, read: { rows: 7, by: expect.anything() } }));
});
