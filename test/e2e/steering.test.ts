import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { describeSchedule, triggerSchedule } from '../../client/schedules.ts';
import {
  type Progress,
  pauseUpdate,
  progressQuery,
  resumeUpdate,
  setConcurrencyUpdate,
} from '../../workflows/handles.ts';
import { MdtiState } from '../../workflows/search-attributes.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({
  requests: z.record(z.string(), z.number()),
  holds: z.number(),
  sessions: z.number(),
  duplicates: z.number(),
  updates: z.number(),
});
const ended = z.object({
  new: z.number(),
  changed: z.number(),
  held: z.number(),
  confirmed: z.number(),
  rejected: z.number(),
  pending: z.number(),
});

const SOURCE = { since: '2h', window: oneWindow(new Date()) };
/** For what a run comes to by itself. */
const SOON = { timeout: 90_000, interval: 100 };
/** The engine gives the work of a worker that has died to another one after its heartbeat timeout of a minute. */
const AFTER_A_DEATH_MS = 300_000;

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

/** A stack whose windows have many small batches. */
async function open(indicators: number, lanes: number): Promise<Stack> {
  const opened = await openStack({
    // Slow enough that there is a middle of the run.
    sandbox: ['--indicators', String(indicators), '--latency', '200'],
    source: SOURCE,
  });
  stack = opened;
  const file = parseDocument(await readFile(opened.configFile, 'utf8'));
  file.setIn(['pipelines', opened.pipeline, 'batchSize'], 10);
  file.setIn(['pipelines', opened.pipeline, 'lanes'], lanes);
  await writeFile(opened.configFile, file.toString());
  return opened;
}

async function seen({ control }: Stack): Promise<z.infer<typeof counts>> {
  return counts.parse(await tipCounts({ control }));
}

/** The id of the one window that has rows, once its batches run. */
async function windowOf({ temporal }: Stack, workflowId: string): Promise<string> {
  const sync = temporal.client.workflow.getHandle(workflowId);
  let window = '';
  await expect
    .poll(async () => {
      const { children } = await sync.query(progressQuery);
      for (const child of children) {
        const { step } = await temporal.client.workflow.getHandle(child).query(progressQuery);
        if (step === 'delivering') window = child;
      }
      return window;
    }, SOON)
    .not.toBe('');
  return window;
}

/** Expects that all that was new has come to an end, and that ThreatStream holds just that. */
async function expectComplete(opened: Stack, workflowId: string): Promise<void> {
  const run = ended.parse(await opened.temporal.client.workflow.getHandle(workflowId).result());
  expect(run).toMatchObject({ rejected: 0, pending: 0 });
  expect(run.confirmed).toBeGreaterThan(0);
  expect(run.new + run.changed).toBe(run.held + run.confirmed);
  expect(await seen(opened)).toMatchObject({ holds: run.confirmed, duplicates: 0, updates: 0 });
}

/** How many batches ran side by side at most, before the first signal that the window got, and after each of them. */
async function widths({ temporal }: Stack, windowId: string): Promise<readonly number[]> {
  const { events } = await temporal.client.workflow.getHandle(windowId).fetchHistory();
  const most = [0];
  let running = 0;
  for (const event of events ?? []) {
    if (event.workflowExecutionSignaledEventAttributes) most.push(0);
    if (event.childWorkflowExecutionCompletedEventAttributes) running -= 1;
    if (!event.startChildWorkflowExecutionInitiatedEventAttributes) continue;
    running += 1;
    most[most.length - 1] = Math.max(most.at(-1) ?? 0, running);
  }
  return most;
}

test('a run is paused, made wider and resumed while it goes', async () => {
  const opened = await open(200, 1);
  await opened.startWorker();
  const { workflowId } = await triggerSchedule(opened.temporal, opened.pipeline);
  const sync = opened.temporal.client.workflow.getHandle(workflowId);
  const windowId = await windowOf(opened, workflowId);
  const window = (): Promise<Progress> => opened.temporal.client.workflow.getHandle(windowId).query(progressQuery);
  await expect.poll(async () => (await window()).done, SOON).toBeGreaterThan(1);

  expect(await sync.executeUpdate(pauseUpdate)).toBe('paused');
  await expect.poll(window, SOON).toMatchObject({ state: 'paused', children: [] });
  const { done, total } = await window();
  expect(done).toBeLessThan(total);
  expect((await sync.query(progressQuery)).state).toBe('paused');
  expect((await sync.describe()).typedSearchAttributes.get(MdtiState)).toBe('paused');
  const quiet = await seen(opened);
  expect((await opened.command('status', '--pipeline', opened.pipeline, '--json')).code).toBe(0);
  expect(await seen(opened)).toEqual(quiet);
  expect((await window()).done).toBe(done);

  for (const lanes of [0, 101, 1.5]) {
    await expect(sync.executeUpdate(setConcurrencyUpdate, { args: [lanes] })).rejects.toThrow();
  }
  expect(await sync.executeUpdate(setConcurrencyUpdate, { args: [4] })).toBe(4);
  expect(await sync.executeUpdate(resumeUpdate)).toBe('running');

  await expectComplete(opened, workflowId);
  expect(await widths(opened, windowId)).toEqual([1, 0, 0, 4]);
});

test('a run that is triggered while another one goes is skipped', async () => {
  const opened = await open(60, 1);
  await opened.startWorker();
  const { workflowId } = await triggerSchedule(opened.temporal, opened.pipeline);
  const sync = opened.temporal.client.workflow.getHandle(workflowId);
  await sync.executeUpdate(pauseUpdate);

  const second = opened.command('sync', '--pipeline', opened.pipeline, '--json');
  await expect.poll(async () => (await describeSchedule(opened.temporal, opened.pipeline)).skipped, SOON).toBe(1);
  await sync.executeUpdate(resumeUpdate);
  const finished = await second;

  expect(finished.stderr).toContain(`following ${workflowId}`);
  expect(lastLine(finished)).toMatchObject({ workflowId });
  expect((await describeSchedule(opened.temporal, opened.pipeline)).recent).toHaveLength(1);
  await expectComplete(opened, workflowId);
});

test(
  'a worker that is killed in the middle of a run is replaced by another one',
  async () => {
    const opened = await open(200, 2);
    const killed = await opened.startWorker();
    const { workflowId } = await triggerSchedule(opened.temporal, opened.pipeline);
    const windowId = await windowOf(opened, workflowId);
    const window = opened.temporal.client.workflow.getHandle(windowId);
    await expect.poll(async () => (await window.query(progressQuery)).done, SOON).toBeGreaterThan(2);
    await killed.stop('SIGKILL');
    expect(killed.child.signalCode).toBe('SIGKILL');
    expect((await window.describe()).status.name).toBe('RUNNING');

    await opened.startWorker();
    await expectComplete(opened, workflowId);
  },
  AFTER_A_DEATH_MS,
);

test(
  'what a killed worker had sent, but not written down as sent, is not sent again',
  async () => {
    const opened = await open(60, 4);
    await opened.control('PUT', '/faults', { threatstream: { lostAcks: 1 } });
    const killed = await opened.startWorker();
    const { workflowId } = await triggerSchedule(opened.temporal, opened.pipeline);
    await expect.poll(async () => (await seen(opened)).sessions, SOON).toBeGreaterThan(3);
    await killed.stop('SIGKILL');
    await opened.control('PUT', '/faults', { threatstream: { lostAcks: 0 } });

    await opened.startWorker();
    await expectComplete(opened, workflowId);
  },
  AFTER_A_DEATH_MS,
);
