import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_ROWS, NOTHING } from '../../indicators/counts.ts';
import {
  type Progress,
  pauseUpdate,
  progressQuery,
  resumeUpdate,
  setConcurrencyUpdate,
} from '../../workflows/handles.ts';
import { gate } from './gate.ts';
import { openWorkflows, QUIET, type Script, type Workflows } from './open-workflows.ts';
import { failureOf, planned, planOf, toDeliver, toScore, windowOf } from './planned.ts';

let workflows: Workflows;
beforeAll(async () => {
  workflows = await openWorkflows();
});
afterAll(() => workflows.close());

const DAY_MS = 86_400_000;

test('a run that is paused for days reads nothing meanwhile, and goes on', async () => {
  const planning = gate();
  const read: number[] = [];
  const script: Script = {
    async plan() {
      await planning.pass();
      return planned([0, 1].map(windowOf));
    },
    async readWindow(input) {
      read.push(await workflows.now());
      return QUIET.readWindow(input);
    },
  };
  const run = await workflows.start('sync', { pipeline: 'p' }, script);
  await planning.reached;
  const since = await workflows.now();
  expect(await run.executeUpdate(pauseUpdate)).toBe('paused');
  planning.open();
  await workflows.pass('3 days');
  expect(read).toEqual([]);
  expect(await run.query(progressQuery)).toMatchObject({ state: 'paused', done: 0, total: 2 });
  expect(await run.executeUpdate(resumeUpdate)).toBe('running');
  expect(await run.result()).toMatchObject({ windows: 2 });
  expect(read.map((at) => Math.floor((at - since) / DAY_MS))).toEqual([3, 3]);
});

test('a run that goes on as a new one while it is paused is paused still, and as wide as it was made', async () => {
  const carried = {
    counts: { ...NOTHING, windows: 5 },
    failed: [],
    steering: { paused: true, lanes: 3 },
    done: 5,
    begun: 0,
  };
  let plans = 0;
  let atOnce = 0;
  let most = 0;
  let delivering = 0;
  let mostDelivering = 0;
  const script: Script = {
    async plan() {
      plans += 1;
      return planned([windowOf(0)]);
    },
    formBatches: async () => toScore(6),
    async score(input) {
      atOnce += 1;
      most = Math.max(most, atOnce);
      // Until as many are under way as may be.
      await expect.poll(() => most, { timeout: 30_000 }).toBe(3);
      atOnce -= 1;
      return QUIET.score(input);
    },
    orderBatches: async () => toDeliver(6),
    async deliver(input) {
      delivering += 1;
      mostDelivering = Math.max(mostDelivering, delivering);
      await expect.poll(() => mostDelivering, { timeout: 30_000 }).toBe(3);
      delivering -= 1;
      return QUIET.deliver(input);
    },
  };
  const run = await workflows.start('sync', { pipeline: 'p', carried }, script);
  await workflows.pass('2 days');
  expect(await run.query(progressQuery)).toMatchObject({ state: 'paused', done: 5 });
  expect(plans).toBe(0);
  await run.executeUpdate(resumeUpdate);
  expect(await run.result()).toMatchObject({ windows: 6 });
  expect([most, mostDelivering]).toEqual([3, 3]);
});

test('a run that goes on as a new one is its windows’ owner still, and hands on what it was told', async () => {
  const first = gate();
  const owners: unknown[] = [];
  const plan = planOf(planned([windowOf(0)], { remaining: 2 }), planned([windowOf(1)]));
  const script: Script = {
    async plan(input) {
      owners.push(input.owner);
      return plan();
    },
    async readWindow(input) {
      owners.push(input.owner);
      if (input.windowId === 1) await first.pass();
      return QUIET.readWindow(input);
    },
  };
  const run = await workflows.start('backfill', { pipeline: 'p', from: '', to: '', windowMs: null }, script);
  const { runId } = await run.describe();
  await first.reached;
  expect(await run.executeUpdate(setConcurrencyUpdate, { args: [7] })).toBe(7);
  first.open();
  expect(await run.result()).toMatchObject({ windows: 2 });
  expect(owners).toEqual(Array.from({ length: 4 }, () => ({ workflowId: run.workflowId, runId })));
  const latest = await workflows.handle(run.workflowId).fetchHistory();
  const input = latest.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data ?? [];
  expect(JSON.parse(Buffer.from(input).toString())).toMatchObject({
    carried: { done: 1, steering: { paused: false, lanes: 7 } },
  });
});

test('a pause holds the reading of a window that has begun, and what is being read ends', async () => {
  const reading = gate();
  const SLICES = 9;
  let begun = 0;
  const { from, to } = windowOf(0);
  const slices = Array.from({ length: SLICES }, (_, bucket) => ({ from, to, bucket, buckets: SLICES }));
  const script: Script = {
    plan: planOf(planned([windowOf(0)])),
    readWindow: async () => ({ kind: 'open', slices }),
    async extract() {
      begun += 1;
      await reading.pass();
      return NO_ROWS;
    },
  };
  const run = await workflows.start('backfill', { pipeline: 'p', from: '', to: '', windowMs: null }, script);
  await reading.reached;
  await expect.poll(() => begun, { timeout: 30_000 }).toBe(4);
  expect(await run.executeUpdate(pauseUpdate)).toBe('paused');
  const { children } = await run.query(progressQuery);
  const [windowId = ''] = children;
  const window = () => workflows.handle(windowId).query(progressQuery);
  await expect.poll(window, { timeout: 30_000 }).toMatchObject({ state: 'paused', step: 'reading' });
  reading.open();
  await expect.poll(window, { timeout: 30_000 }).toMatchObject({ done: 4, total: SLICES });
  await workflows.pass('3 days');
  expect(begun).toBe(4);
  expect(await run.query(progressQuery)).toMatchObject({ state: 'paused' });
  expect(await run.executeUpdate(resumeUpdate)).toBe('running');
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(begun).toBe(SLICES);
});

test('a pause holds the scoring of a window and its delivery, and what is under way ends', async () => {
  const scoring = gate();
  const delivering = gate();
  const steps: string[] = [];
  const script: Script = {
    plan: planOf(planned([windowOf(0)])),
    formBatches: async () => toScore(3),
    async score(input) {
      steps.push('score');
      await scoring.pass();
      return QUIET.score(input);
    },
    orderBatches: async () => toDeliver(3),
    async deliver(input) {
      steps.push('deliver');
      await delivering.pass();
      return QUIET.deliver(input);
    },
  };
  const workflowId = `sync ${randomUUID()}`;
  const run = await workflows.start('sync', { pipeline: 'p' }, script, workflowId);
  const window = workflows.handle(`${workflowId}/w/2026-01-01T00:00:00Z`);
  const progress = (): Promise<Progress> => window.query(progressQuery);
  const expectHeld = async (held: ReturnType<typeof gate>, step: string, done: readonly string[]): Promise<void> => {
    await held.reached;
    await run.executeUpdate(pauseUpdate);
    await expect.poll(async () => (await progress()).state, { timeout: 30_000 }).toBe('paused');
    held.open();
    await expect.poll(async () => (await progress()).done, { timeout: 30_000 }).toBe(1);
    await workflows.pass('3 days');
    expect(steps).toEqual(done);
    expect(await progress()).toMatchObject({ step, done: 1, total: 3 });
    await run.executeUpdate(resumeUpdate);
  };
  await expectHeld(scoring, 'scoring', ['score']);
  await expectHeld(delivering, 'delivering', ['score', 'score', 'score', 'deliver']);
  expect(await run.result()).toMatchObject({ windows: 1 });
  expect(steps.filter((step) => step === 'deliver')).toHaveLength(3);
});

test('a run that is blocked and paused does not look by itself whether it may go on', async () => {
  let tries = 0;
  const script: Script = {
    async plan() {
      tries += 1;
      if (tries === 1) throw failureOf('Refused');
      return planned([]);
    },
  };
  const run = await workflows.start('sync', { pipeline: 'p' }, script);
  await expect.poll(async () => (await run.query(progressQuery)).state, { timeout: 30_000 }).toBe('blocked');
  await run.executeUpdate(pauseUpdate);
  await workflows.pass('3 days');
  expect(tries).toBe(1);
  await run.executeUpdate(resumeUpdate);
  await run.result();
  expect(tries).toBe(2);
});
