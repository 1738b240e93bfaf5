import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../../client/dev-server/locate-temporal.ts';
import { type DevServer, startDevServer } from '../../client/dev-server/start-dev-server.ts';
import { random } from '../../sandbox/rows/random.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const INDICATORS = 14_000;
const KILLS = 10;
/** Kills 1, 5 and 9 come in the middle of new work; each costs the time until a dead worker's steps are given to another. */
const AT_NEW_WORK = 4;
/** The Temporal server is restarted around these kills: once while the worker lives, once while it does not. */
const RESTARTED_UNDER_THE_WORKER = 3;
const RESTARTED_WITHOUT_A_WORKER = 7;
/** Of when the kills come. */
const SEED = 9;

const holding = z.object({ value: z.string(), confidence: z.number(), status: z.string() });
type Holding = z.infer<typeof holding>;
const counts = z
  .object({ holds: z.number(), duplicates: z.number(), requests: z.record(z.string(), z.number()) })
  .transform(({ requests, ...rest }) => ({
    ...rest,
    requests: Object.values(requests).reduce((sum, each) => sum + each, 0),
  }));
const started = z.object({ workflowId: z.string() });
const ended = z.object({ windows: z.number(), rejected: z.number(), pending: z.number() });

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A stack with the same indicators wherever it is; they came in over the last three days. */
async function open(address: string): Promise<Stack> {
  const stack = await openStack({
    address,
    sandbox: ['--indicators', String(INDICATORS), '--ingested-over', '3d'],
    // Direct writes: few requests, which cannot be told apart by a session.
    destination: { approval: 'bypass', lostAckGrace: '2s' },
  });
  closers.push(() => stack.close());
  const file = parseDocument(await readFile(stack.configFile, 'utf8'));
  file.setIn(['pipelines', stack.pipeline, 'batchSize'], 500);
  await writeFile(stack.configFile, file.toString());
  return stack;
}

async function startBackfill(stack: Stack): Promise<string> {
  const now = Date.now();
  const span = ['--from', new Date(now - 73 * 3_600_000).toISOString(), '--to', new Date(now).toISOString()];
  const finished = await stack.command(
    'backfill',
    '--pipeline',
    stack.pipeline,
    ...span,
    '--yes',
    '--detach',
    '--json',
  );
  expect(finished).toMatchObject({ code: 0 });
  return started.parse(lastLine(finished)).workflowId;
}

/** The counts of the whole backfill, once it is done. */
async function endOf({ temporal }: Stack, workflowId: string): Promise<z.infer<typeof ended>> {
  return ended.parse(await temporal.client.workflow.getHandle(workflowId).result());
}

async function seen({ control }: Stack): Promise<z.infer<typeof counts>> {
  return counts.parse(await tipCounts({ control }));
}

/** What ThreatStream holds, by value. */
async function holdings({ control }: Stack): Promise<readonly Holding[]> {
  const all = z.array(holding).parse(await control('POST', '/tips/threatstream/holdings'));
  const held = all.filter(({ status }) => status !== 'gone');
  return held.toSorted((a, b) => (a.value < b.value ? -1 : 1));
}

/**
 * When the worker that was started last is killed: once so much of the work has been begun, or at some moment soon, while it
 * still takes over what the one before it left.
 */
async function moment(stack: Stack, kill: number, wholeWork: number): Promise<void> {
  const draw = random(SEED, kill, 0);
  const begun = Date.now();
  const { requests } = await seen(stack);
  const due = Math.max(requests + 5, (wholeWork * (kill - (draw % 100) / 100)) / KILLS);
  const isDue = async (): Promise<boolean> =>
    kill % AT_NEW_WORK === 1 ? (await seen(stack)).requests >= due : Date.now() - begun >= draw % 2_000;
  await vi.waitFor(async () => expect(await isDue()).toBe(true), { timeout: 300_000, interval: 20 });
}

/** A server of its own, whose state is in a file: started again it is the same. */
async function startServer(dbFile: string, port?: number): Promise<DevServer> {
  const say = (): void => undefined;
  const { path } = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say });
  return startDevServer({
    binary: path,
    dbFile,
    // The stack's own set-up registers them.
    searchAttributes: {},
    ...(port === undefined ? {} : { port }),
  });
}

test('a backfill whose worker and server die again and again ends as one that was left alone', async () => {
  const calm = await open(inject('temporalAddress'));
  await calm.startWorker();
  expect(await endOf(calm, await startBackfill(calm))).toMatchObject({ rejected: 0, pending: 0 });
  const expected = await holdings(calm);
  expect(expected.length).toBeGreaterThan(INDICATORS / 2);
  const { requests, ...judged } = await seen(calm);
  expect(judged).toEqual({ holds: expected.length, duplicates: 0 });
  await calm.close();
  closers.length = 0;
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-killed-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const dbFile = join(folder, 'temporal.db');
  let server = await startServer(dbFile);
  closers.push(() => server.stop());
  const port = Number(server.address.split(':')[1]);
  const restartServer = async (): Promise<void> => {
    await server.stop();
    server = await startServer(dbFile, port);
  };
  const stack = await open(server.address);
  let worker = await stack.startWorker();
  const workflowId = await startBackfill(stack);
  const backfill = stack.temporal.client.workflow.getHandle(workflowId);

  for (let kill = 1; kill <= KILLS; kill += 1) {
    await moment(stack, kill, requests);
    if (kill === RESTARTED_UNDER_THE_WORKER) await restartServer();
    await worker.stop('SIGKILL');
    expect(worker.child.signalCode).toBe('SIGKILL');
    if (kill === RESTARTED_WITHOUT_A_WORKER) await restartServer();
    expect((await backfill.describe()).status.name).toBe('RUNNING');
    worker = await stack.startWorker();
  }
  expect(await endOf(stack, workflowId)).toMatchObject({ rejected: 0, pending: 0 });
  expect(await holdings(stack)).toEqual(expected);
  expect(await seen(stack)).toMatchObject({ holds: expected.length, duplicates: 0 });
});
