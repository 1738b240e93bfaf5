import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { progressQuery } from '../../workflows/handles.ts';
import type { Finished } from './command.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const counts = z.object({ holds: z.number(), duplicates: z.number() });
const statusOf = z.object({
  pipelines: z.array(
    z.object({
      gaps: z.array(z.object({ from: z.string(), to: z.string() })),
      open: z.array(z.object({ state: z.string(), owner: z.string() })),
    }),
  ),
});

/** For what a run comes to by itself. */
const SOON = { timeout: 300_000, interval: 100 };
const HOUR_MS = 3_600_000;

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

async function open(latencyMs = 0): Promise<Stack> {
  const sandbox = ['--indicators', '150', '--ingested-over', '12h', '--latency', String(latencyMs)];
  stack = await openStack({ sandbox, source: { since: '13h', window: '1h' } });
  await stack.startWorker();
  return stack;
}

/** Hours before now. */
function backfill({ command, pipeline }: Stack, from: number, to: number, ...options: string[]): Promise<Finished> {
  const at = (hours: number): string =>
    new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - hours * HOUR_MS).toISOString();
  return command('backfill', '--pipeline', pipeline, '--from', at(from), '--to', at(to), '--yes', '--json', ...options);
}

async function status({ command, pipeline }: Stack): Promise<z.infer<typeof statusOf>['pipelines'][number]> {
  const [found] = statusOf.parse(lastLine(await command('status', '--pipeline', pipeline, '--json'))).pipelines;
  return found ?? expect.fail();
}

test('what a backfill that was terminated had begun, the next live run brings to its end, and withholds from no other', async () => {
  const opened = await open();
  await opened.control('PUT', '/faults', { threatstream: { outage: true } });
  const { workflowId } = z
    .object({ workflowId: z.string() })
    .parse(lastLine(await backfill(opened, 12, 0, '--detach')));
  const run: WorkflowHandle = opened.temporal.client.workflow.getHandle(workflowId);
  await expect.poll(async () => (await run.query(progressQuery)).children.length, SOON).toBeGreaterThan(0);
  expect((await status(opened)).open).toContainEqual({ state: 'running', owner: workflowId });

  await run.terminate();
  await opened.control('PUT', '/faults', { threatstream: { outage: false } });
  const sync = await opened.sync();
  expect(sync).toMatchObject({ pending: 0, rejected: 0 });
  expect(sync['windows']).toBeGreaterThan(12);
  expect(await status(opened)).toMatchObject({ gaps: [], open: [] });
  const { holds, duplicates } = counts.parse(await tipCounts(opened));
  expect(holds).toBeGreaterThan(50);
  expect(duplicates).toBe(0);
});

test('two backfills and a live run over one stretch all end well, and each window is done once', async () => {
  const opened = await open(50);
  const runs = [
    backfill(opened, 10, 3),
    backfill(opened, 8, 1),
    opened.command('sync', '--pipeline', opened.pipeline, '--json'),
  ];
  const finished = await Promise.all(runs);
  expect(finished.map(({ code, stderr }) => (code === 0 ? '' : stderr))).toEqual(['', '', '']);
  const ended = finished.map((one) => z.object({ windows: z.number() }).parse(lastLine(one)));
  const after = await opened.sync();
  const { gaps, open: left } = await status(opened);
  expect({ gaps, left }).toEqual({ gaps: [], left: [] });
  const coverage = lastLine(await opened.command('coverage', '--pipeline', opened.pipeline, '--json'));
  const stretches = z.array(z.object({ state: z.string(), windows: z.number() })).parse(coverage['stretches']);
  const windows = stretches.reduce((total, one) => total + (one.state === 'done' ? one.windows : 0), 0);
  expect(ended.reduce((sum, one) => sum + one.windows, Number(after['windows']))).toBe(windows);
  expect(counts.parse(await tipCounts(opened))).toMatchObject({ duplicates: 0 });
});
