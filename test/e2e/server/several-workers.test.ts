import { afterEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../../client/cli/one-window.ts';
import { createDatabase } from '../../postgresql/database.ts';
import { startPostgres } from '../../postgresql/start-postgres.ts';
import { openStack } from '../open-stack.ts';
import { expectRightSums, runSums } from '../run-sums.ts';
import type { Stack, StackOptions } from '../stack.ts';
import { tipCounts } from '../tip-counts.ts';

const counts = z.object({
  requests: z.object({ threatstream: z.number() }),
  holds: z.number(),
  duplicates: z.number(),
  updates: z.number(),
});
const INDICATORS = 2_000;
/** Many batches, slow enough that there is a middle of the run. */
const OPTIONS: Partial<StackOptions> = {
  sandbox: ['--indicators', String(INDICATORS), '--latency', '100'],
  source: { since: '2h', window: oneWindow(new Date()) },
  settings: { batchSize: 25, lanes: 10 },
  // Direct writes: a request that is sent twice shows as a duplicate.
  destination: { approval: 'bypass', lostAckGrace: '2s' },
  // Fewer than the lanes have work for, so that no worker can do all of it.
  config: { worker: { activitySlots: 3 } },
};
/** For what a run comes to by itself. */
const SOON = { timeout: 90_000, interval: 50 };

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function open(options: Partial<StackOptions>): Promise<Stack> {
  const stack = await openStack(options);
  closers.push(() => stack.close());
  return stack;
}

async function seen({ control }: Stack): Promise<z.infer<typeof counts>> {
  return counts.parse(await tipCounts({ control }));
}

/** Waits until ThreatStream has had so many requests: the run is in its middle. */
async function inTheMiddle(stack: Stack, requests: number): Promise<void> {
  await vi.waitFor(async () => expect((await seen(stack)).requests.threatstream).toBeGreaterThan(requests), SOON);
}

function expectWholeRun(run: z.infer<typeof runSums>): void {
  expectRightSums(run);
  expect(run.rejected).toBe(0);
  expect(run.confirmed).toBeGreaterThan(INDICATORS / 3);
}

/** Who finished the activities of a run and of all that it started. */
async function workersOf({ temporal, pipeline }: Stack): Promise<ReadonlySet<string>> {
  const identities = new Set<string>();
  for await (const { workflowId } of temporal.client.workflow.list({ query: `MdtiPipeline = '${pipeline}'` })) {
    const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
    for (const { activityTaskStartedEventAttributes: started } of events ?? []) {
      if (started?.identity) identities.add(started.identity);
    }
  }
  return identities;
}

test('three workers share a run, and one that is killed in its middle costs nothing', async () => {
  const stack = await open(OPTIONS);
  const [victim, ...others] = await Promise.all([stack.startWorker(), stack.startWorker(), stack.startWorker()]);
  const running = stack.sync();
  await inTheMiddle(stack, 20);
  await victim?.stop('SIGKILL');
  const run = runSums.parse(await running);
  expectWholeRun(run);
  expect(await seen(stack)).toMatchObject({ holds: run.confirmed, duplicates: 0, updates: 0 });
  const identities = [...(await workersOf(stack))];
  for (const { child } of others) expect(identities).toContainEqual(expect.stringMatching(`^${child.pid}@`));
});

test('a PostgreSQL that is away for a while is unavailable, and the run goes on when it is back', async () => {
  const server = await startPostgres({ bin: inject('postgres').bin });
  closers.push(() => server.remove());
  const { url } = await createDatabase(server.url);
  const stack = await open({ ...OPTIONS, ledgerUrl: url });
  const workers = await Promise.all([stack.startWorker(), stack.startWorker()]);
  const running = stack.sync();
  await inTheMiddle(stack, 20);
  await server.stop();
  await vi.waitFor(async () => expect(await failuresOf(stack)).toContain('Unavailable'), SOON);
  await server.start();
  const run = runSums.parse(await running);
  expectWholeRun(run);
  expect(await seen(stack)).toMatchObject({ holds: run.confirmed, duplicates: 0, updates: 0 });
  for (const { child, stderr } of workers) {
    expect(child.exitCode).toBe(null);
    expect(stderr()).not.toContain(new URL(url).password);
  }
});

/** The types of the last failures of the activities that are tried again now. */
async function failuresOf({ temporal, pipeline }: Stack): Promise<readonly string[]> {
  const types: string[] = [];
  const query = `MdtiPipeline = '${pipeline}' and ExecutionStatus = 'Running'`;
  for await (const { workflowId } of temporal.client.workflow.list({ query })) {
    const { raw } = await temporal.client.workflow.getHandle(workflowId).describe();
    for (const { lastFailure } of raw.pendingActivities ?? []) {
      types.push(lastFailure?.applicationFailureInfo?.type ?? '');
    }
  }
  return types;
}
