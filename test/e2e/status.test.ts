import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { oneWindow } from '../../client/cli/one-window.ts';
import type { Finished } from './command.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

const coverage = z.object({
  from: z.string(),
  stretches: z.array(z.object({ from: z.string(), to: z.string(), state: z.string() })),
});
const listsKept = z.object({ pipelines: z.array(z.object({ staleLists: z.array(z.unknown()) })) });
const held = z.object({ holds: z.number() });

describe('status and coverage', () => {
  let stack: Stack;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mdti-sync-lists-'));
    await writeFile(join(folder, 'tags.txt'), 'no-such-tag\n');
    stack = await openStack({
      sandbox: ['--indicators', '120'],
      source: { window: oneWindow(new Date()) },
      policy: { exclude: { tags: [{ file: join(folder, 'tags.txt') }] } },
      // The task queue is what the configuration says.
      env: { MDTI_SYNC_TASK_QUEUE: '' },
    });
    await stack.startWorker();
  });

  afterAll(async () => {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (command: string, ...more: string[]): Promise<Finished> =>
    stack.command(command, '--pipeline', stack.pipeline, ...more);

  test('before the first run nothing is covered', async () => {
    const status = await ask('status', '--json');
    expect(status.code, status.stderr).toBe(0);
    expect(lastLine(status)).toMatchObject({
      pipelines: [
        {
          pipeline: stack.pipeline,
          coverage: null,
          gaps: [],
          open: [],
          windows: 0,
          indicators: 0,
          deliveries: {},
          running: [],
        },
      ],
    });
    expect((await ask('status')).stdout).toContain('never ran');
    expect(lastLine(await ask('coverage', '--json'))).toMatchObject({
      pipeline: stack.pipeline,
      stretches: [{ state: 'missing', windows: 0 }],
    });
  });

  test('after a run they say what it did', async () => {
    const run = await stack.sync();
    const status = lastLine(await ask('status', '--json'));
    expect(status).toMatchObject({
      pipelines: [
        {
          pipeline: stack.pipeline,
          gaps: [],
          open: [],
          deliveries: { confirmed: run['confirmed'] },
          quarantined: run['malformed'],
          running: [],
        },
      ],
    });
    expect(run['confirmed']).toBe(holds(await tipCounts(stack)));
    expect((await ask('status')).stdout).toContain(`${String(run['confirmed'])} confirmed at the destination`);

    const { stretches, from } = coverageOf(lastLine(await ask('coverage', '--json')));
    expect(stretches.map(({ state }) => state)).toEqual(['missing', 'done', 'missing']);
    expect(stretches[0]?.from).toBe(from);
    for (const [index, stretch] of stretches.entries()) {
      expect(stretch.from).toBe(index === 0 ? from : stretches[index - 1]?.to);
    }
  });

  test('coverage is a strip and a line for each stretch', async () => {
    const { stretches } = coverageOf(lastLine(await ask('coverage', '--json')));
    const done = stretches.find(({ state }) => state === 'done');
    if (done === undefined) throw new Error('Something is done.');
    const hour = 3_600_000;
    const from = new Date(Date.parse(done.from) - 24 * hour).toISOString();
    const to = new Date(Date.parse(done.from) + 36 * hour).toISOString();
    const { code, stdout } = await ask('coverage', '--from', from, '--to', to);
    expect(code).toBe(0);
    const [, strip, legend, ...lines] = stdout.trimEnd().split('\n');
    // A day that is missing, a day that is done, half a day to come; a column that is only partly done is not done.
    expect(strip).toMatch(/^\.{29}#{28,29}\.{14,15}$/);
    expect(strip).toHaveLength(72);
    expect(legend).toBe('! failed   ? abandoned   . missing   > running   # done');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^done .*\(\d+ live windows?\)$/);
  });

  test('a window that failed is named with its reason, and the next run mends it', async () => {
    await stack.control('POST', '/generate', { indicators: 20 });
    await stack.control('PUT', '/faults', { threatstream: { unauthorised: true } });
    const blocked = await stack.command('sync', '--pipeline', stack.pipeline, '--json');
    expect(blocked.code).toBe(4);
    expect(lastLine(blocked)).toMatchObject({ state: 'blocked', reason: expect.stringContaining('401') });
    const { workflowId } = lastLine(blocked);

    const status = lastLine(await ask('status', '--json'));
    expect(status).toMatchObject({
      pipelines: [
        {
          gaps: [expect.anything()],
          open: [{ state: 'failed', reason: expect.stringContaining('401') }],
          running: [{ workflowId, progress: { state: 'blocked', blocked: expect.stringContaining('401') } }],
        },
      ],
    });
    const forPeople = (await ask('status')).stdout;
    expect(forPeople).toContain(`${String(workflowId)} (blocked`);
    expect(forPeople).toContain('window failed');
    expect((await ask('coverage')).stdout).toMatch(/^failed {3}.*401/m);

    await stack.control('PUT', '/faults', { threatstream: { unauthorised: false } });
    await stack.temporal.client.workflow.getHandle(String(workflowId)).executeUpdate('resume');
    expect(await stack.temporal.client.workflow.getHandle(String(workflowId)).result()).toMatchObject({ pending: 0 });
    expect(lastLine(await ask('status', '--json'))).toMatchObject({ pipelines: [{ gaps: [], open: [], running: [] }] });
    expect(await tipCounts(stack)).toMatchObject({ duplicates: 0 });
  });

  test('a list whose file is gone is named, while the worker goes on', async () => {
    await rm(join(folder, 'tags.txt'));
    const lists = async () => listsKept.parse(lastLine(await ask('status', '--json'))).pipelines[0]?.staleLists;
    await expect.poll(lists, { timeout: 120_000 }).toMatchObject([{ problem: expect.stringMatching(/is not there$/) }]);
    expect((await ask('status')).stdout).toMatch(/exclusion list .*tags\.txt/);
  });

  test('a pipeline that the worker does not know is said to be unknown', async () => {
    const finished = await stack.command('status', '--pipeline', 'nobody-has-this');
    expect(finished.code).toBe(1);
    expect(finished.stderr).toContain('nobody-has-this');
    expect(finished.stderr).not.toContain('No worker');
  });

  test('without a worker they say so, with exit code 3', async () => {
    for (const command of ['status', 'coverage']) {
      const { code, stdout, stderr } = await stack.command(
        command,
        '--pipeline',
        stack.pipeline,
        '--task-queue',
        'nobody polls this',
      );
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/No worker answers on the task queue nobody polls this .*'mdti-sync worker'/);
    }
  });
});

function coverageOf(answer: unknown): z.infer<typeof coverage> {
  return coverage.parse(answer);
}

function holds(counts: unknown): number {
  return held.parse(counts).holds;
}
