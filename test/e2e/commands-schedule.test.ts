import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { oneWindow } from '../../client/cli/one-window.ts';
import { launch, type Running } from './command.ts';
import { openStack } from './open-stack.ts';
import { lastLine, type Stack } from './stack.ts';
import { tipCounts } from './tip-counts.ts';

describe('the commands over Temporal', () => {
  let stack: Stack;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const address = inject('temporalAddress');
    stack = await openStack({ sandbox: ['--indicators', '60'], source: { window: oneWindow(new Date()) } });
    env = { TEMPORAL_ADDRESS: address };
  });

  afterAll(() => stack.close());

  const schedule = (...args: string[]) => stack.command('schedule', ...args, '--pipeline', stack.pipeline, '--json');
  const follow = () => launch(['sync', '--pipeline', stack.pipeline, '--json'], { env });

  test('setup may be run again', async () => {
    for (let time = 0; time < 2; time += 1) {
      const finished = await stack.command('setup', '--json');
      expect(finished.code, finished.stderr).toBe(0);
      expect(lastLine(finished)).toEqual({ namespace: 'default', registered: [] });
    }
  });

  test('a schedule is applied again, described, paused and unpaused, and keeps what the operator did', async () => {
    const { pipeline } = stack;
    expect(lastLine(await schedule('apply'))).toEqual({ applied: { [pipeline]: 'updated' }, orphans: [] });
    expect(lastLine(await schedule('describe'))).toMatchObject({
      pipeline,
      scheduleId: `mdti-sync/${pipeline}`,
      everyMs: 30 * 86_400_000,
      paused: false,
      recent: [],
      running: [],
    });
    expect(lastLine(await schedule('pause'))).toEqual({ pipeline, paused: true });
    expect(lastLine(await schedule('apply'))).toEqual({ applied: { [pipeline]: 'updated' }, orphans: [] });
    expect(lastLine(await schedule('describe'))).toMatchObject({
      paused: true,
      note: expect.stringContaining('command line'),
    });
    expect(lastLine(await schedule('unpause'))).toEqual({ pipeline, paused: false });
    expect(lastLine(await schedule('describe'))).toMatchObject({ paused: false });
  });

  test('apply of a pipeline that the file does not have names those that it has', async () => {
    const finished = await stack.command('schedule', 'apply', '--pipeline', 'other');
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain('other');
    expect(finished.stderr).toContain(stack.pipeline);
  });

  test('list shows it, once the server has made it visible', async () => {
    await expect
      .poll(async () => lastLine(await stack.command('schedule', 'list', '--json')), { timeout: 60_000 })
      .toMatchObject({ schedules: expect.arrayContaining([expect.objectContaining({ pipeline: stack.pipeline })]) });
    expect((await stack.command('schedule', 'list')).stdout).toContain(stack.pipeline);
  });

  test('a run that is going is followed, not started again', async () => {
    // No worker yet: what is started stays going.
    const triggered = lastLine(await schedule('trigger'));
    expect(triggered).toMatchObject({ pipeline: stack.pipeline, started: true });
    expect(lastLine(await schedule('trigger'))).toEqual({ ...triggered, started: false });

    const interrupted = follow();
    expect(await interrupted.line('stderr', /no second one was started/)).toContain(String(triggered['workflowId']));
    expect(await interrupted.stop('SIGINT')).toBe(130);
    expect(interrupted.stderr()).not.toMatch(/^\s+at /m);
    expect(lastLine(await schedule('describe'))).toMatchObject({ running: [triggered['workflowId']] });

    const followers = [follow(), follow()];
    await Promise.all(followers.map((follower) => follower.line('stderr', /no second one was started/)));
    await stack.startWorker();
    const ends = await Promise.all(followers.map((follower) => exitCode(follower)));
    expect(ends).toEqual([0, 0]);
    const [one, other] = followers.map((follower) => lastLine({ code: 0, stderr: '', stdout: follower.stdout() }));
    expect(one).toMatchObject({ workflowId: triggered['workflowId'], pending: 0 });
    expect({ ...other, seconds: one?.['seconds'] }).toEqual(one);
    expect(await tipCounts(stack)).toMatchObject({ holds: one?.['confirmed'], duplicates: 0 });

    const runs: string[] = [];
    const query = `WorkflowType = 'sync' and MdtiPipeline = '${stack.pipeline}'`;
    for await (const { workflowId } of stack.temporal.client.workflow.list({ query })) runs.push(workflowId);
    expect(runs).toEqual([triggered['workflowId']]);
  });

  test('sync without --json shows every line of the sums', async () => {
    const finished = await stack.command('sync', '--pipeline', stack.pipeline);
    expect(finished.code, finished.stderr).toBe(0);
    for (const line of [
      'rows read',
      'new',
      'changed',
      'unchanged',
      'excluded',
      'malformed',
      'merged',
      'held',
      'confirmed',
      'rejected',
      'pending',
    ]) {
      expect(finished.stdout).toContain(line);
    }
  });

  test('without a schedule, commands say how to create one', async () => {
    for (const args of [
      ['sync'],
      ['schedule', 'describe'],
      ['schedule', 'trigger'],
      ['schedule', 'pause'],
      ['schedule', 'delete'],
    ]) {
      const finished = await stack.command(...args, '--pipeline', 'nobody-has-this');
      expect(finished.code, args.join(' ')).toBe(1);
      expect(finished.stdout).toBe('');
      expect(finished.stderr).toMatch(/nobody-has-this has no schedule.*'mdti-sync schedule apply'/);
      expect(finished.stderr).not.toMatch(/^\s+at /m);
    }
  });

  test('steering a backfill that is not there says so', async () => {
    for (const args of [['pause'], ['resume'], ['cancel'], ['concurrency', '4']]) {
      const finished = await stack.command('backfill', ...args, '--pipeline', stack.pipeline);
      expect(finished.code).toBe(1);
      expect(finished.stderr).toBe(`mdti-sync: No backfill of ${stack.pipeline} is running.\n`);
    }
  });

  test('a deleted schedule is gone, and apply creates it anew', async () => {
    const { pipeline } = stack;
    expect(lastLine(await schedule('delete'))).toEqual({ pipeline, deleted: true });
    expect((await schedule('describe')).code).toBe(1);
    expect(lastLine(await schedule('apply'))).toEqual({ applied: { [pipeline]: 'created' }, orphans: [] });
  });
});

async function exitCode({ child }: Running): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'close');
  return child.exitCode;
}
