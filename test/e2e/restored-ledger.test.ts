import { cp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import { applySchedule, deleteSchedule, triggerSchedule } from '../../client/schedules.ts';
import { progressQuery, resumeUpdate } from '../../workflows/handles.ts';
import type { Finished } from './command.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const SOON = { timeout: 300_000, interval: 100 };

let stack: Stack;
let ledger: string;
beforeAll(async () => {
  stack = await openStack({
    sandbox: ['--indicators', '80'],
    source: { since: '2h', window: oneWindow(new Date()) },
  });
  ledger = join(stack.folder, 'ledger');
});
afterAll(() => stack.close());

const sync = (): Promise<Finished> => stack.command('sync', '--pipeline', stack.pipeline, '--json');
const cancel = (run: string, ...more: string[]): Promise<Finished> =>
  stack.command('runs', 'cancel', run, '--json', ...more);

/** Runs the pipeline until it is blocked; its workflow id. */
async function untilBlocked(sentence: RegExp): Promise<string> {
  const finished = await sync();
  expect(finished.stderr).toMatch(sentence);
  expect(finished.code).toBe(4);
  return z.object({ workflowId: z.string() }).parse(lastLine(finished)).workflowId;
}

async function stillBlocked(workflowId: string, sentence: RegExp): Promise<void> {
  const run = stack.temporal.client.workflow.getHandle(workflowId);
  await run.executeUpdate(resumeUpdate);
  await expect.poll(async () => (await run.query(progressQuery)).blocked ?? '', SOON).toMatch(sentence);
}

test('a run under which the ledger was restored says so, is ended by a command, and the next one reads anew', async () => {
  // As a backup that is older than the run.
  const first = await stack.startWorker();
  await first.stop();
  const backup = join(stack.folder, 'backup');
  await cp(ledger, backup, { recursive: true });

  const before = await stack.startWorker();
  await stack.control('PUT', '/faults', { threatstream: { unauthorised: true } });
  const run = await untilBlocked(/401/);
  await before.stop();
  await rm(ledger, { recursive: true });
  await cp(backup, ledger, { recursive: true });
  await stack.control('PUT', '/faults', { threatstream: { unauthorised: false } });
  const worker = await stack.startWorker();

  await stillBlocked(
    run,
    new RegExp(`^The ledger does not know the window from .*restored from a backup.*'mdti-sync runs cancel ${run}'`),
  );
  await untilBlocked(/A run is going already/);
  expect(lastLine(await stack.command('runs', 'list', '--pipeline', stack.pipeline, '--json'))).toMatchObject({
    runs: [{ workflowId: run, type: 'sync', pipeline: stack.pipeline, state: 'blocked' }],
  });
  const ended = await cancel(run);
  expect(ended.code, ended.stderr).toBe(0);
  expect(lastLine(ended)).toEqual({ workflowId: run, type: 'sync', how: 'cancelled', status: 'CANCELLED' });

  const next = await stack.sync();
  expect(next).toMatchObject({ pending: 0, rejected: 0 });
  expect(next['confirmed']).toBeGreaterThan(30);
  expect(await tipCounts(stack)).toMatchObject({ holds: next['confirmed'], duplicates: 0 });
  expect(lastLine(await cancel(run))).toMatchObject({ how: 'before', status: 'CANCELLED' });
  await worker.stop();
});

test('a run for which no worker is there is ended all the same, and the next one goes on behind it', async () => {
  const { workflowId } = await triggerSchedule(stack.temporal, stack.pipeline);
  const finished = await stack.command('runs', 'cancel', workflowId, '--wait', '1s');
  expect(finished.code, finished.stderr).toBe(0);
  expect(finished.stdout).toMatch(/did not end within 1 s of being cancelled, and was terminated\..*left to the next/);
  const worker = await stack.startWorker();
  expect(await stack.sync()).toMatchObject({ pending: 0 });
  await worker.stop();
});

test('a run that is not there, or not ours, is not ended', async () => {
  const unknown = await cancel('sync/nobody');
  expect({ code: unknown.code, stdout: unknown.stdout }).toEqual({ code: 1, stdout: '' });
  expect(unknown.stderr).toMatch(/There is no run sync\/nobody in namespace default.*'mdti-sync runs list'/);
  const workflowId = `${stack.pipeline} of somebody else`;
  const others = await stack.temporal.client.workflow.start('theirs', { workflowId, taskQueue: workflowId });
  const finished = await cancel(workflowId);
  expect(finished.code).toBe(1);
  expect(finished.stderr).toContain('no run of mdti-sync');
  expect((await others.describe()).status.name).toBe('RUNNING');
  await others.terminate();
});

test('a broken index blocks the run, a reindex mends it, and the run goes on', async () => {
  const db = await stack.openLedger();
  const { rows } = await sql<{ path: string }>`select pg_relation_filepath('windows_pkey') as path`.execute(db);
  await db.destroy();
  const file = await open(join(ledger, rows[0]?.path ?? expect.fail()), 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size), 0, size, 0);
  await file.close();

  const worker = await stack.startWorker();
  const broken = /The embedded ledger has a broken index \(XX002: .*REINDEX.*'mdti-sync worker --reindex'/;
  const run = await untilBlocked(broken);
  const status = await stack.command('status', '--pipeline', stack.pipeline);
  expect(status.code).toBe(1);
  expect(status.stderr).toMatch(broken);
  await worker.stop();
  const mended = await stack.command('worker', '--reindex');
  expect(mended.code, mended.stderr).toBe(0);
  expect(mended.stdout).toContain('built anew');

  const again = await stack.startWorker();
  const handle = stack.temporal.client.workflow.getHandle(run);
  await handle.executeUpdate(resumeUpdate);
  expect(await handle.result()).toMatchObject({ pending: 0 });
  await again.stop();
});

test('a schedule whose pipeline is gone is named, costs the others nothing, and is removed by a command', async () => {
  const gone = `${stack.pipeline}-gone`;
  const queue = `queue of ${stack.pipeline}`;
  const worker = await stack.startWorker();
  await applySchedule(stack.temporal, gone, { every: 86_400_000, jitter: 0, catchUp: 10_000, paused: true }, queue);
  try {
    const named = { pipeline: gone, sentence: expect.stringMatching(`'mdti-sync schedule delete --pipeline ${gone}'`) };
    // Lists are behind.
    await expect
      .poll(async () => lastLine(await stack.command('status', '--json')), SOON)
      .toMatchObject({ pipelines: [{ pipeline: stack.pipeline }], orphans: [named] });
    expect((await stack.command('status')).stdout).toMatch(`${gone} has a schedule, but the configuration no longer`);
    expect(lastLine(await stack.command('schedule', 'apply', '--json'))).toMatchObject({ orphans: [named] });
    expect(lastLine(await stack.command('config', 'check', '--json'))).toMatchObject({ ok: true, orphans: [named] });
    const removed = await stack.command('schedule', 'delete', '--pipeline', gone);
    expect(removed.code, removed.stderr).toBe(0);
    expect(lastLine(await stack.command('status', '--json'))).toMatchObject({ orphans: [] });
  } finally {
    await deleteSchedule(stack.temporal, gone).catch(() => undefined);
    await worker.stop();
  }
});
