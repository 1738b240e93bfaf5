import { afterEach, expect, inject, test } from 'vitest';
import { oneWindow } from '../../client/cli/one-window.ts';
import { freePort } from '../../client/dev-server/free-port.ts';
import { type Gate, startGate } from './gate.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './stack.ts';

let stack: Stack;
let gate: Gate | null = null;
let health: string;

/** A stack with a way to Temporal that can be closed. */
async function open(stopWithin: string, sandbox: readonly string[]): Promise<void> {
  gate = await startGate(inject('temporalAddress'));
  const listen = `127.0.0.1:${await freePort()}`;
  health = `http://${listen}`;
  stack = await openStack({
    address: gate.address,
    sandbox,
    source: { since: '2h', window: oneWindow(new Date()) },
    env: { MDTI_SYNC_HEALTH_LISTEN: listen, MDTI_SYNC_SHUTDOWN_GRACE: stopWithin, MDTI_SYNC_METRICS_LISTEN: '' },
  });
}

afterEach(async () => {
  gate?.open();
  await stack.close();
  await gate?.close();
});

async function get(path: string): Promise<readonly [status: number, body: unknown]> {
  const reply = await fetch(`${health}${path}`);
  return [reply.status, await reply.json()];
}

const NO_ANSWERS = ['--indicators', '10', '--latency', '3600000'];
const STOPPING = [503, { ready: false, reason: 'The worker is stopping.' }];

/** The step that the window of the pipeline's run is at. */
async function pendingStep() {
  const { client } = stack.temporal;
  const query = `WorkflowType = 'window' and MdtiPipeline = '${stack.pipeline}' and ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.[0] ?? null;
  }
  return null;
}

async function untilAStepHangs(): Promise<void> {
  await stack.command('schedule', 'trigger', '--pipeline', stack.pipeline);
  await expect.poll(async () => (await pendingStep())?.lastWorkerIdentity, { timeout: 60_000 }).toBeTruthy();
}

test('a worker that is told to stop hands over at once what it cannot finish', async () => {
  await open('4s', NO_ANSWERS);
  const worker = await stack.startWorker();
  expect(await get('/readyz')).toEqual([200, { ready: true }]);
  await untilAStepHangs();
  const stopped = worker.stop();
  await expect.poll(() => get('/readyz')).toEqual(STOPPING);
  expect(await get('/healthz')).toEqual([200, { alive: true }]);
  expect(await stopped).toBe(0);
  expect(worker.stderr()).not.toMatch(/"level"/);

  // Not when its heartbeats are missed, half a minute later.
  expect((await pendingStep())?.lastFailure?.applicationFailureInfo?.type).toBe('WorkerShutdown');
  await stack.startWorker();
  await expect.poll(async () => (await pendingStep())?.attempt, { timeout: 60_000 }).toBe(2);
});

test('a second signal ends it at once', async () => {
  await open('10m', NO_ANSWERS);
  const worker = await stack.startWorker();
  await untilAStepHangs();
  worker.child.kill('SIGTERM');
  await expect.poll(() => get('/readyz')).toEqual(STOPPING);
  expect(await worker.stop('SIGTERM')).toBe(130);
});

test('a worker that cannot even take its leave of Temporal ends within its time', async () => {
  await open('2s', NO_ANSWERS);
  const worker = await stack.startWorker();
  await untilAStepHangs();
  gate?.hold();
  await expect
    .poll(() => get('/readyz'), { timeout: 10_000 })
    .toEqual([503, { ready: false, reason: 'Temporal does not answer.' }]);
  expect(await get('/healthz')).toEqual([200, { alive: true }]);
  expect(await worker.stop()).toBe(0);
  expect(worker.stderr()).toContain('another worker takes it up');
});

test('a worker that loses its Temporal for a while goes on by itself', async () => {
  await open('5s', ['--indicators', '60']);
  const worker = await stack.startWorker();
  expect(await stack.sync()).toMatchObject({ pending: 0 });
  gate?.shut();
  await expect.poll(async () => (await get('/readyz'))[0], { timeout: 10_000 }).toBe(503);
  gate?.open();
  await expect.poll(async () => (await get('/readyz'))[0], { timeout: 60_000 }).toBe(200);
  await stack.control('POST', '/rows', [
    { Id: 'late--1', ObservableKey: 'domain-name:value', ObservableValue: 'late.stopping-test.net' },
  ]);
  expect(await stack.sync()).toMatchObject({ rows: 1, pending: 0 });
  expect(worker.child.exitCode).toBeNull();
});
