import { readFile, writeFile } from 'node:fs/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { afterEach, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type Progress, progressQuery } from '../../workflows/handles.ts';
import type { Finished } from './command.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({ requests: z.record(z.string(), z.number()), holds: z.number(), duplicates: z.number() });
const dryRun = z.object({
  dryRun: z.literal(true),
  estimate: z.object({ windows: z.number(), windowsDone: z.number(), rows: z.number(), hosts: z.number() }),
});
const started = z.object({ workflowId: z.string() });
const coverage = z.object({ stretches: z.array(z.object({ state: z.string(), reason: z.string().nullable() })) });

/** For what a run comes to by itself. */
const SOON = { timeout: 300_000, interval: 100 };
const HOUR_MS = 3_600_000;

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

/** A stack with small batches, and two days of history. */
async function open(latencyMs: number): Promise<Stack> {
  const opened = await openStack({
    sandbox: ['--indicators', '600', '--ingested-over', '2d', '--latency', String(latencyMs)],
    // What changes while it waits for an analyst may have to wait, too.
    destination: { approval: 'automatic' },
  });
  stack = opened;
  const file = parseDocument(await readFile(opened.configFile, 'utf8'));
  file.setIn(['pipelines', opened.pipeline, 'batchSize'], 10);
  file.setIn(['pipelines', opened.pipeline, 'lanes'], 1);
  await writeFile(opened.configFile, file.toString());
  await opened.startWorker();
  return opened;
}

/** Runs `backfill` over all of the history, which is over. */
function backfillOf(opened: Stack): (...options: string[]) => Promise<Finished> {
  const to = Date.now() - 1_000;
  const span = ['--from', new Date(to - 49 * HOUR_MS).toISOString(), '--to', new Date(to).toISOString()];
  return (...options) => opened.command('backfill', '--pipeline', opened.pipeline, ...span, '--json', ...options);
}

async function seen({ control }: Stack): Promise<z.infer<typeof counts>> {
  return counts.parse(await tipCounts({ control }));
}

async function backfillsOf({ temporal, pipeline }: Stack): Promise<number> {
  const { count } = await temporal.client.workflow.count(`WorkflowType = 'backfill' and MdtiPipeline = '${pipeline}'`);
  return count;
}

test('it starts only when it is told to, and a second one over the same stretch has nothing to do', async () => {
  const opened = await open(0);
  const backfill = backfillOf(opened);

  const looked = await backfill('--dry-run');
  const { estimate } = dryRun.parse(lastLine(looked));
  expect(looked.stderr).toContain(`${estimate.windows} to do`);
  expect(estimate.windows).toBeGreaterThan(8);
  expect(estimate.windowsDone).toBe(0);
  expect(estimate.rows).toBeGreaterThan(600);
  expect(estimate.hosts).toBeLessThan(estimate.rows);
  // Nobody is at a terminal to be asked.
  const refused = await backfill();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--yes');
  expect(await backfillsOf(opened)).toBe(0);
  expect(await seen(opened)).toMatchObject({ holds: 0 });

  const whole = await backfill('--yes');
  expect(whole.code).toBe(0);
  const { holds, requests } = await seen(opened);
  expect(lastLine(whole)).toMatchObject({ rejected: 0, pending: 0, windows: estimate.windows });
  expect(holds).toBeGreaterThan(300);

  expect(dryRun.parse(lastLine(await backfill('--dry-run'))).estimate).toMatchObject({
    windows: 0,
    windowsDone: estimate.windows,
    rows: 0,
  });
  expect(lastLine(await backfill('--yes'))).toMatchObject({ windows: 0, rows: 0 });
  expect((await seen(opened)).requests).toEqual(requests);
});

test('it is paused, made wider, resumed and cancelled while it goes; the next one does the rest', async () => {
  const opened = await open(200);
  const backfill = backfillOf(opened);
  const steer = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await opened.command('backfill', ...words, '--pipeline', opened.pipeline);
    expect(stderr).toContain(`${words[0] ?? ''}: backfill/${opened.pipeline}/`);
    expect(code).toBe(0);
  };
  const { workflowId } = started.parse(lastLine(await backfill('--yes', '--detach')));
  const handle = opened.temporal.client.workflow.getHandle(workflowId);
  const progress = (): Promise<Progress> => handle.query(progressQuery);
  /** What the windows that are under way say of themselves. */
  const windows = async (): Promise<readonly Progress[]> => {
    const { children } = await progress();
    return Promise.all(children.map((id) => opened.temporal.client.workflow.getHandle(id).query(progressQuery)));
  };
  await expect.poll(async () => (await seen(opened)).holds, SOON).toBeGreaterThan(0);

  await steer('pause');
  expect(await progress()).toMatchObject({ state: 'paused' });
  const isQuiet = async (id: string): Promise<boolean> => {
    const window = opened.temporal.client.workflow.getHandle(id);
    const { state, children } = await window.query<Progress>(progressQuery);
    const { raw } = await window.describe();
    return state === 'paused' && children.length === 0 && (raw.pendingActivities ?? []).length === 0;
  };
  const quietWindows = async (): Promise<readonly boolean[]> => Promise.all((await progress()).children.map(isQuiet));
  await expect.poll(async () => (await quietWindows()).every(Boolean), SOON).toBe(true);
  const quiet = await seen(opened);
  expect((await opened.command('status', '--pipeline', opened.pipeline, '--json')).code).toBe(0);
  expect(await seen(opened)).toEqual(quiet);

  await steer('concurrency', '5');
  await steer('resume');
  expect(await progress()).toMatchObject({ state: 'running' });
  await expect.poll(async () => (await windows()).some(({ children }) => children.length > 1), SOON).toBe(true);

  await steer('cancel');
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  const left = await opened.command('coverage', '--pipeline', opened.pipeline, '--json');
  const { stretches } = coverage.parse(lastLine(left));
  expect(stretches.filter(({ state }) => state === 'running')).toEqual([]);
  expect(stretches).toContainEqual({ state: 'failed', reason: 'the backfill was cancelled' });

  const rest = await backfill('--yes');
  expect(lastLine(rest)).toMatchObject({ rejected: 0, pending: 0 });
  expect(dryRun.parse(lastLine(await backfill('--dry-run'))).estimate).toMatchObject({ windows: 0, rows: 0 });
  expect(await seen(opened)).toMatchObject({ duplicates: 0 });
});
