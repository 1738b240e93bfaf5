import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NOTHING } from '../../indicators/counts.ts';
import { progressQuery, resumeUpdate } from '../../workflows/handles.ts';
import { coverageModel } from './coverage-model.ts';
import { gate } from './gate.ts';
import { openWorkflows, QUIET, type Script, type Workflows } from './open-workflows.ts';
import { failureOf, planned, planOf, windowOf } from './planned.ts';

let workflows: Workflows;
beforeAll(async () => {
  workflows = await openWorkflows();
});
afterAll(() => workflows.close());

const MINUTE_MS = 60_000;
const SYNC = { pipeline: 'p' };
const backfillOf = (from: number, to: number) => ({
  pipeline: 'p',
  from: windowOf(from).from,
  to: windowOf(to).from,
  windowMs: null,
});
const SOON = { timeout: 30_000 };

test('two backfills over one stretch both end well; every window is done once, and counted once', async () => {
  const { script, states, closed } = coverageModel();
  const one = await workflows.start('backfill', backfillOf(0, 6), script);
  const two = await workflows.start('backfill', backfillOf(3, 9), script);
  const counts = [await one.result(), await two.result()];
  expect(states()).toEqual(Array.from({ length: 9 }, () => 'done'));
  expect(new Set(closed.map((entry) => Number.parseInt(entry, 10))).size).toBe(9);
  expect(closed).toHaveLength(9);
  expect(counts.reduce((sum, { windows }) => sum + windows, 0)).toBe(9);
});

test('a backfill takes up what another one that is cancelled leaves; each lets go of its own only', async () => {
  const { script, states, windows, closed } = coverageModel();
  const reading = gate();
  // The first one gets all of its windows, and reads for long.
  const one = await workflows.start('backfill', backfillOf(0, 4), {
    ...script,
    async readWindow(input) {
      await reading.pass();
      return QUIET.readWindow(input);
    },
  });
  await reading.reached;
  const waits = async (run: WorkflowHandle, step: string): Promise<void> => {
    await expect.poll(async () => (await run.query(progressQuery)).step, SOON).toBe(step);
  };
  const two = await workflows.start('backfill', backfillOf(2, 6), script);
  await waits(two, 'waiting for other runs, which are at work on 2 of its windows');
  const released: unknown[] = [];
  const three = await workflows.start('backfill', backfillOf(0, 9), {
    ...script,
    async releaseWindows(input) {
      released.push(input);
      return script.releaseWindows?.(input) ?? 0;
    },
  });
  await waits(three, 'waiting for other runs, which are at work on 4 of its windows');
  await three.cancel();
  await expect(three.result()).rejects.toThrow(WorkflowFailedError);
  expect(released).toMatchObject([{ owner: { workflowId: three.workflowId }, reason: 'the backfill was cancelled' }]);
  expect(states()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((hour) => (hour < 4 ? 'running' : 'done')));

  await one.cancel();
  reading.open();
  await expect(one.result()).rejects.toThrow(WorkflowFailedError);
  expect(await two.result()).toMatchObject({ windows: 4 });
  expect(closed.filter((entry) => entry.endsWith(two.workflowId))).toHaveLength(4);
  expect(windows.get(0)).toMatchObject({ state: 'failed' });
});

test('a run of whose windows nothing is heard any more is waited for until they are anybody’s', async () => {
  const begun = await workflows.now();
  // By the clock that skips.
  const plans: number[] = [];
  const script: Script = {
    async plan() {
      const at = (await workflows.now()) - begun;
      plans.push(at);
      if (plans.length === 1) return planned([windowOf(0)], { others: 1 });
      if (at < 8 * MINUTE_MS) return planned([], { others: 1 });
      return planned([windowOf(1)]);
    },
  };
  const run = await workflows.start('backfill', backfillOf(0, 2), script);
  expect(await run.result()).toMatchObject({ windows: 2 });
  // Less and less often.
  expect(plans.length).toBeLessThan(10);
  expect(plans.at(-1)).toBeLessThan(11 * MINUTE_MS);
});

test('a backfill that waits for another one looks at once when it is told to', async () => {
  let plans = 0;
  const script: Script = {
    async plan() {
      plans += 1;
      return planned([], { others: plans === 1 ? 1 : 0 });
    },
  };
  const run = await workflows.start('backfill', backfillOf(0, 2), script);
  await expect.poll(async () => (await run.query(progressQuery)).step, SOON).toMatch(/1 of its windows$/);
  await run.executeUpdate(resumeUpdate);
  // The clock stands still until the end is asked for.
  await expect.poll(() => plans, SOON).toBe(2);
  await run.result();
});

test('a sync leaves to another run what that is at work on, and does not wait for it', async () => {
  let plans = 0;
  const script: Script = {
    async plan() {
      plans += 1;
      return planned([windowOf(0)], { others: 3 });
    },
  };
  const run = await workflows.start('sync', SYNC, script);
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(plans).toBe(1);
});

/** A step that finds the first window taken up by another run. */
function takenIn<I extends { readonly windowId: number }, O>(step: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    if (input.windowId === 1) throw failureOf('Taken');
    return step(input);
  };
}

test.each<[string, Script]>([
  ['reading', { readWindow: takenIn(QUIET.readWindow) }],
  ['forming batches', { formBatches: takenIn(QUIET.formBatches) }],
  ['scoring', { score: takenIn(QUIET.score) }],
  ['ordering batches', { orderBatches: takenIn(QUIET.orderBatches) }],
  ['delivering', { deliver: takenIn(QUIET.deliver) }],
  ['closing', { closeWindow: takenIn(QUIET.closeWindow) }],
])(
  'a window that another run has taken up, as %s finds, is left to it: no failure, and nothing counted',
  async (_, script) => {
    const closed: unknown[] = [];
    const run = await workflows.start('sync', SYNC, {
      plan: planOf(planned([windowOf(0), windowOf(1)])),
      async closeWindow(input) {
        closed.push([input.windowId, input.failure]);
        return (script.closeWindow ?? QUIET.closeWindow)(input);
      },
      ...(script.closeWindow === undefined ? script : {}),
    });
    expect(await run.result()).toMatchObject({ windows: 1 });
    expect(closed).not.toContainEqual([1, expect.any(String)]);
  },
);

test('a child that an earlier run of the same id has left, and that is not ended yet, is waited for', async () => {
  const { script, windows } = coverageModel();
  const id = 'backfill that is started again';
  const carried = { counts: NOTHING, failed: [], steering: { paused: true, lanes: null }, done: 0, begun: 0 };
  const child = await workflows.start('sync', { ...SYNC, carried }, {}, `${id}/w/2026-01-01T00:00:00Z`);
  const run = await workflows.start('backfill', backfillOf(0, 2), script, id);
  await expect.poll(() => windows.get(1)?.state, SOON).toBe('done');
  await workflows.pass('1 hour');
  expect(windows.get(0)?.state).toBe('running');
  await child.terminate();
  expect(await run.result()).toMatchObject({ windows: 2 });
});

test('a window whose workflow somebody ends is left open, and the run goes on with the others', async () => {
  const closed: string[] = [];
  const reading = gate();
  const script: Script = {
    plan: planOf(planned([windowOf(0), windowOf(1)])),
    async readWindow(input) {
      if (input.windowId === 1) await reading.pass();
      return QUIET.readWindow(input);
    },
    async closeWindow(input) {
      closed.push(`${input.windowId} ${input.failure === null ? 'done' : 'open'}`);
      return QUIET.closeWindow(input);
    },
  };
  const run = await workflows.start('sync', SYNC, script);
  await reading.reached;
  await workflows.handle(`${run.workflowId}/w/2026-01-01T00:00:00Z`).cancel();
  reading.open();
  await expect(run.result()).rejects.toThrow(WorkflowFailedError);
  expect(closed.toSorted()).toEqual(['1 open', '2 done']);
});

test('a window that has failed is tried once in a run, and the others are done', async () => {
  const { script, states } = coverageModel();
  let tries = 0;
  const run = await workflows.start('backfill', backfillOf(0, 3), {
    ...script,
    async readWindow(input) {
      if (input.windowId !== 2) return QUIET.readWindow(input);
      tries += 1;
      throw failureOf('Malformed');
    },
  });
  await expect(run.result()).rejects.toMatchObject({
    cause: { message: 'This is Malformed. The next run takes them up again.' },
  });
  expect(tries).toBe(1);
  expect(states()).toEqual(['done', 'failed', 'done']);
});
