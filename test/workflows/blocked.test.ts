import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_ROWS } from '../../indicators/counts.ts';
import { type Progress, progressQuery, resumeUpdate } from '../../workflows/handles.ts';
import { gate } from './gate.ts';
import { openWorkflows, QUIET, type Script, type Workflows } from './open-workflows.ts';
import { failureOf, planned, planOf, toDeliver, toScore, windowOf } from './planned.ts';

let workflows: Workflows;
beforeAll(async () => {
  workflows = await openWorkflows();
});
afterAll(() => workflows.close());

const HOUR_MS = 3_600_000;
const SYNC = { pipeline: 'p' };

/** A step that fails so often before it does what it should, and when it was tried. */
function failing<I, O>(type: string, times: number, step: (input: I) => Promise<O>) {
  const tried: number[] = [];
  const hours = (): readonly number[] => tried.map((at) => Math.floor((at - (tried[0] ?? 0)) / HOUR_MS));
  return {
    hours,
    step: async (input: I): Promise<O> => {
      tried.push(await workflows.now());
      if (tried.length <= times) throw failureOf(type);
      return step(input);
    },
  };
}

/** Waits until the run says that it is blocked; its clock stands still. */
async function blocked(run: WorkflowHandle): Promise<Progress> {
  const progress = (): Promise<Progress> => run.query(progressQuery);
  await expect.poll(async () => (await progress()).state, { timeout: 30_000 }).toBe('blocked');
  return progress();
}

/** One window, and one step that fails. */
const scripts: Readonly<
  Record<string, (type: string, times: number) => { hours: () => readonly number[]; script: Script }>
> = {
  plan: (type, times) => {
    const { hours, step } = failing(type, times, planOf(planned([windowOf(0)])));
    return { hours, script: { plan: step } };
  },
  readWindow: (type, times) => {
    const { hours, step } = failing(type, times, QUIET.readWindow);
    return { hours, script: { plan: planOf(planned([windowOf(0)])), readWindow: step } };
  },
  formBatches: (type, times) => {
    const { hours, step } = failing(type, times, QUIET.formBatches);
    return { hours, script: { plan: planOf(planned([windowOf(0)])), formBatches: step } };
  },
  score: (type, times) => {
    const { hours, step } = failing(type, times, QUIET.score);
    return { hours, script: { plan: planOf(planned([windowOf(0)])), score: step } };
  },
  orderBatches: (type, times) => {
    const { hours, step } = failing(type, times, QUIET.orderBatches);
    return { hours, script: { plan: planOf(planned([windowOf(0)])), orderBatches: step } };
  },
  deliver: (type, times) => {
    const { hours, step } = failing(type, times, QUIET.deliver);
    return { hours, script: { plan: planOf(planned([windowOf(0)])), deliver: step } };
  },
};

describe.each(['Refused', 'Unexpected'])('a run whose step fails as %s', (type) => {
  test.each(Object.keys(scripts))('in %s tries again by itself every hour, and goes on', async (step) => {
    const { hours, script } = scripts[step]?.(type, 3) ?? expect.fail();
    const run = await workflows.start('sync', SYNC, script);
    expect(await run.result()).toMatchObject({ windows: 1, confirmed: 1 });
    expect(hours()).toEqual([0, 1, 2, 3]);
  });

  test('says so, and goes on at once when it is told to', async () => {
    const { hours, script } = scripts['deliver']?.(type, 1) ?? expect.fail();
    const run = await workflows.start('backfill', { ...SYNC, from: '', to: '', windowMs: null }, script);
    expect(await blocked(run)).toMatchObject({ blocked: `This is ${type}.` });
    expect(await run.executeUpdate(resumeUpdate)).not.toBe('paused');
    expect(await run.result()).toMatchObject({ windows: 1, confirmed: 1 });
    expect(hours()).toEqual([0, 0]);
  });
});

test.each([
  ['Refused', [1]],
  // Of one batch it says nothing of the others.
  ['Unexpected', [1, 2, 3]],
])('batches of a window that are begun when the first of them fails as %s: %o', async (type, begun) => {
  const batches: number[] = [];
  const script: Script = {
    plan: planOf(planned([windowOf(0)])),
    orderBatches: async () => toDeliver(3),
    deliver: async (input) => {
      batches.push(input.batch);
      if (input.batch === 1) throw failureOf(type);
      return QUIET.deliver(input);
    },
  };
  const run = await workflows.start('sync', SYNC, script);
  expect(await blocked(run)).toMatchObject({ blocked: expect.stringContaining(`This is ${type}.`) });
  expect(batches).toEqual(begun);
  await run.terminate();
});

test.each([
  ['Refused', ['score 1']],
  // What could be scored is delivered.
  ['Unexpected', ['score 1', 'score 2', 'score 3', 'order', 'deliver']],
])('steps of a window that are taken when the first part of it cannot be scored, as %s: %o', async (type, taken) => {
  const steps: string[] = [];
  const script: Script = {
    plan: planOf(planned([windowOf(0)])),
    formBatches: async () => toScore(3),
    score: async (input) => {
      const part = 'scoring' in input ? input.scoring : 0;
      steps.push(`score ${part}`);
      if (part === 1) throw failureOf(type);
      return QUIET.score(input);
    },
    orderBatches: async (input) => {
      steps.push('order');
      return QUIET.orderBatches(input);
    },
    deliver: async (input) => {
      steps.push('deliver');
      return QUIET.deliver(input);
    },
  };
  const run = await workflows.start('sync', SYNC, script);
  expect(await blocked(run)).toMatchObject({ blocked: expect.stringContaining(`This is ${type}.`) });
  expect(steps).toEqual(taken);
  await run.terminate();
});

test('a window that waits for a person holds the others up no longer than that', async () => {
  const { step } = failing('Unexpected', 1, QUIET.readWindow);
  const read: number[] = [];
  const script: Script = {
    plan: planOf(planned([0, 1, 2, 3].map(windowOf))),
    async readWindow(input) {
      if (input.windowId === 1) return step(input);
      read.push(input.windowId);
      return QUIET.readWindow(input);
    },
  };
  const run = await workflows.start('sync', SYNC, script);
  expect(await run.result()).toMatchObject({ windows: 4 });
  expect(new Set(read)).toEqual(new Set([2, 3, 4]));
});

test('what is no matter for a person fails the run, which waits for nobody', async () => {
  const { hours, script } = scripts['readWindow']?.('Malformed', 1) ?? expect.fail();
  const run = await workflows.start('sync', SYNC, script);
  await expect(run.result()).rejects.toThrow(WorkflowFailedError);
  expect(hours()).toEqual([0]);
});

test('a question that cannot be answered ends with the sentence', async () => {
  const answer = async (): Promise<never> => {
    throw failureOf('Unexpected');
  };
  const run = await workflows.start('ask', { kind: 'status', pipeline: 'p' }, { answer });
  await expect(run.result()).rejects.toMatchObject({ cause: { cause: { message: 'This is Unexpected.' } } });
});

test('a run is blocked for as long as one of its windows waits, and says for what, whatever becomes of the others', async () => {
  const tries: number[] = [];
  const script: Script = {
    plan: planOf(planned([windowOf(0), windowOf(1)])),
    async readWindow(input) {
      tries.push(input.windowId);
      const times = tries.filter((id) => id === input.windowId).length;
      if (input.windowId === 1 && times === 1) throw failureOf('Refused');
      if (input.windowId === 2 && times === 1) {
        throw ApplicationFailure.create({ type: 'Unavailable', message: 'Not now.', nextRetryDelay: '30m' });
      }
      if (input.windowId === 2 && times === 2) throw failureOf('Unexpected');
      return QUIET.readWindow(input);
    },
  };
  const run = await workflows.start('sync', SYNC, script);
  expect(await blocked(run)).toMatchObject({ blocked: 'This is Refused.' });
  await workflows.pass('31m');
  const both = 'This is Refused. This is Unexpected.';
  await expect.poll(async () => (await blocked(run)).blocked, { timeout: 30_000 }).toBe(both);
  // The first one looks by itself whether it may go on, and may.
  await workflows.pass('31m');
  await expect.poll(async () => (await blocked(run)).done, { timeout: 30_000 }).toBe(1);
  expect(await blocked(run)).toMatchObject({ state: 'blocked', blocked: 'This is Unexpected.' });
  await run.executeUpdate(resumeUpdate);
  expect(await run.result()).toMatchObject({ windows: 2 });
});

test('windows that wait for the same thing say it once', async () => {
  const script: Script = {
    plan: planOf(planned([windowOf(0), windowOf(1)])),
    async readWindow(): Promise<never> {
      throw failureOf('Refused');
    },
  };
  const run = await workflows.start('sync', SYNC, script);
  expect(await blocked(run)).toMatchObject({
    blocked: 'This is Refused.',
    children: [expect.any(String), expect.any(String)],
  });
  await run.terminate();
});

test('a slice that is refused blocks the run, though another one failed before it', async () => {
  const { from, to } = windowOf(0);
  const slices = [0, 1].map((bucket) => ({ from, to, bucket, buckets: 2 }));
  let tries = 0;
  const workflowId = `sync ${randomUUID()}`;
  const window = workflows.handle(`${workflowId}/w/2026-01-01T00:00:00Z`);
  const script: Script = {
    plan: planOf(planned([windowOf(0)])),
    readWindow: async () => ({ kind: 'open', slices }),
    async extract({ slice }) {
      tries += 1;
      if (tries > 2) return NO_ROWS;
      if (slice.bucket === 0) throw failureOf('Malformed');
      await expect.poll(async () => (await window.query<Progress>(progressQuery)).done, { timeout: 30_000 }).toBe(1);
      throw failureOf('Refused');
    },
  };
  const run = await workflows.start('sync', SYNC, script, workflowId);
  expect(await blocked(run)).toMatchObject({ blocked: 'This is Refused.' });
  await run.executeUpdate(resumeUpdate);
  expect(await run.result()).toMatchObject({ windows: 1 });
});

test.each([
  ['resumes', async () => 1],
  [
    'resumes, even when they cannot be lifted,',
    async (): Promise<never> => {
      throw failureOf('Unexpected');
    },
  ],
])('whoever %s has the APIs that asked to wait tried again', async (_, liftPauses) => {
  const lifted: unknown[] = [];
  const { script } = scripts['deliver']?.('Refused', 1) ?? expect.fail();
  const run = await workflows.start('sync', SYNC, {
    ...script,
    async liftPauses(input) {
      lifted.push(input);
      return liftPauses();
    },
  });
  await blocked(run);
  await run.executeUpdate(resumeUpdate);
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(lifted).toEqual([SYNC]);
});

test('a batch that is cancelled ends its backfill with that as the reason', async () => {
  const delivering = gate();
  const left: (string | null)[] = [];
  const run = await workflows.start(
    'backfill',
    { ...SYNC, from: '', to: '', windowMs: null },
    {
      plan: planOf(planned([windowOf(0)])),
      async deliver(input) {
        await delivering.pass();
        return { ...(await QUIET.deliver(input)), pending: 1 };
      },
      async closeWindow(input) {
        left.push(input.failure);
        return QUIET.closeWindow(input);
      },
    },
  );
  await delivering.reached;
  const batch = `${run.workflowId}/w/2026-01-01T00:00:00Z/b/1`;
  await workflows.handle(batch).cancel();
  delivering.open();
  const reason = `The batch ${batch} was cancelled.`;
  await expect(run.result()).rejects.toMatchObject({
    cause: { message: `${reason} The next run takes them up again.` },
  });
  expect(new Set(left)).toEqual(new Set([reason]));
});
