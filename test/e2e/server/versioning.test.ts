import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../../client/cli/one-window.ts';
import { openStack } from '../open-stack.ts';
import { lastLine, type Stack } from '../stack.ts';

const HOUR_MS = 3_600_000;
const ended = z.object({ confirmed: z.number(), rejected: z.number(), pending: z.number() });
const SOON = { timeout: 60_000 };

let stack: Stack | null = null;
afterEach(async () => {
  await stack?.close();
  stack = null;
});

/** The builds that completed a workflow's tasks, in the order of the history; each only where it takes over. */
async function buildsOf({ temporal }: Stack, workflowId: string, runId?: string): Promise<readonly string[]> {
  const { events } = await temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: completed }) => {
    const build = completed?.deploymentVersion?.buildId;
    return build ? [build] : [];
  });
  return builds.filter((build, at) => build !== builds[at - 1]);
}

/** The runs of some types, with who started them. */
async function runs({ temporal, pipeline }: Stack, types: string) {
  const found: { workflowId: string; runId: string; root: string; type: string }[] = [];
  const query = `WorkflowType in (${types}) and MdtiPipeline = '${pipeline}'`;
  for await (const { workflowId, runId, rootExecution, type } of temporal.client.workflow.list({ query })) {
    found.push({ workflowId, runId, type, root: rootExecution?.workflowId ?? workflowId });
  }
  return found;
}

async function delivering({ temporal }: Stack, workflowId: string): Promise<boolean> {
  const { client } = temporal;
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const children = await Promise.all(
    (raw.pendingChildren ?? []).map((child) => client.workflow.getHandle(child.workflowId ?? '').describe()),
  );
  return children.some((child) => (child.raw.pendingChildren ?? []).length > 0);
}

async function begunSync(open: Stack): Promise<string> {
  await open.command('schedule', 'trigger', '--pipeline', open.pipeline);
  await expect.poll(async () => (await runs(open, "'sync'")).length, SOON).toBe(1);
  const [sync] = await runs(open, "'sync'");
  return sync?.workflowId ?? '';
}

/** A deployment of the test's own. */
function deployment(open: Stack) {
  const name = `deployment of ${open.pipeline}`;
  return {
    build: (buildId: string) => ({ TEMPORAL_WORKER_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: buildId }),
    makeCurrent: (buildId: string) =>
      open.command('setup', '--make-current', '--deployment-name', name, '--build-id', buildId),
  };
}

test('a backfill ends on the build that it began on, and what is live goes over to the new one', async () => {
  const open = await openStack({
    sandbox: ['--indicators', '120', '--ingested-over', '6h'],
    source: { since: '1h' },
  });
  stack = open;
  const { build, makeCurrent } = deployment(open);

  await expect(open.startWorker([], { TEMPORAL_WORKER_BUILD_ID: 'A' })).rejects.toThrow(
    /needs both the name .*; the name is missing\. Set TEMPORAL_WORKER_DEPLOYMENT_NAME/,
  );
  const early = await makeCurrent('A');
  expect(early.stderr).toMatch(/has seen no worker of build A of .*Start one/);
  expect(early.code).toBe(1);
  await open.startWorker([], build('A'));
  await expect.poll(async () => (await makeCurrent('A')).code, SOON).toBe(0);

  // Both are in their middle when the new build comes.
  await open.control('PUT', '/faults', { threatstream: { outage: true } });
  const [from, to] = [6, 1].map((hours) => new Date(Date.now() - hours * HOUR_MS).toISOString());
  const range = ['--from', from ?? '', '--to', to ?? '', '--window', '1h'];
  const begun = await open.command('backfill', '--pipeline', open.pipeline, ...range, '--yes', '--detach', '--json');
  const backfillId = String(lastLine(begun)['workflowId']);
  const syncId = await begunSync(open);
  for (const id of [backfillId, syncId]) await expect.poll(() => delivering(open, id), SOON).toBe(true);

  await open.startWorker([], build('B'));
  await expect.poll(async () => (await makeCurrent('B')).code, SOON).toBe(0);
  await open.control('PUT', '/faults', { threatstream: { outage: false } });
  const { client } = open.temporal;
  for (const id of [backfillId, syncId]) {
    expect(ended.parse(await client.workflow.getHandle(id).result())).toMatchObject({ rejected: 0, pending: 0 });
  }
  expect(await open.sync()).toMatchObject({ rejected: 0, pending: 0 });

  const all = await runs(open, "'sync', 'backfill', 'window', 'batch'");
  const of = (root: string) => all.filter((run) => run.root === root);
  expect(of(backfillId).map(({ type }) => type)).toEqual(expect.arrayContaining(['backfill', 'window', 'batch']));
  for (const { workflowId, runId } of of(backfillId)) {
    expect(await buildsOf(open, workflowId, runId), workflowId).toEqual(['A']);
  }
  for (const { workflowId, runId } of of(syncId)) {
    expect((await buildsOf(open, workflowId, runId)).at(-1), workflowId).toBe('B');
  }
  const newer = all.filter(({ root }) => root !== backfillId && root !== syncId);
  expect(newer.length).toBeGreaterThan(0);
  for (const { workflowId, runId } of newer) expect(await buildsOf(open, workflowId, runId), workflowId).toEqual(['B']);
}, 300_000);

test('turned on, it takes over what workers without a build have begun', async () => {
  const open = await openStack({
    sandbox: ['--indicators', '60'],
    source: { since: '2h', window: oneWindow(new Date()) },
  });
  stack = open;
  const { build, makeCurrent } = deployment(open);
  const old = await open.startWorker();
  await open.control('PUT', '/faults', { threatstream: { outage: true } });
  const syncId = await begunSync(open);
  await expect.poll(() => delivering(open, syncId), SOON).toBe(true);
  expect(await buildsOf(open, syncId)).toEqual([]);

  await open.startWorker([], build('A'));
  await expect.poll(async () => (await makeCurrent('A')).code, SOON).toBe(0);
  await old.stop();
  await open.control('PUT', '/faults', { threatstream: { outage: false } });
  const result = await open.temporal.client.workflow.getHandle(syncId).result();
  expect(ended.parse(result)).toMatchObject({ rejected: 0, pending: 0 });
  expect(await buildsOf(open, syncId)).toEqual(['A']);
}, 300_000);
