import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FormedArtifacts } from '../../activities/form-artifacts.ts';
import { NO_ARTIFACTS, NOTHING_DONE } from '../../indicators/enrich-counts.ts';
import {
  type Progress,
  pauseUpdate,
  progressQuery,
  resumeUpdate,
  setConcurrencyUpdate,
} from '../../workflows/handles.ts';
import { gate } from './gate.ts';
import { openWorkflows, QUIET, type Script, type Workflows } from './open-workflows.ts';
import { failureOf } from './planned.ts';

let workflows: Workflows;
beforeAll(async () => {
  workflows = await openWorkflows();
});
afterAll(() => workflows.close());

const ENRICH = { pipeline: 'p' };

/** So many parts of one are to be judged or written. */
function parts(count: number, more: { readonly besides?: number; readonly lanes?: number } = {}): FormedArtifacts {
  const { lanes = 1, ...each } = more;
  const open = Array.from({ length: count }, (_, at) => ({ part: at + 1, items: 1, ...each }));
  return { open, lanes, counted: { done: NOTHING_DONE, standing: NO_ARTIFACTS } };
}

/** A TIP of one pass: what was read is judged, written, seen, and then nothing is left; each step says that it was taken. */
function world(toJudge = 1, toWrite = 1, more: Parameters<typeof parts>[1] = {}) {
  const steps: string[] = [];
  const left = { judge: toJudge, write: toWrite, pending: toWrite };
  const script: Script = {
    async readArtifacts() {
      steps.push('read');
      return { isEnd: true, isFullPass: true };
    },
    async formArtifacts({ to }) {
      steps.push(`form ${to}`);
      const count = left[to];
      left[to] = 0;
      return parts(count, more);
    },
    async judgeArtifacts({ part }) {
      steps.push(`judge ${part}`);
      return { hosts: 1, lookedUp: 1, toWrite: 1 };
    },
    async writeArtifacts({ part, what }) {
      steps.push(`${what} ${part}`);
    },
    async confirmArtifacts() {
      steps.push('confirm');
      left.pending = 0;
      return { again: 0 };
    },
    countArtifacts: async () => ({ done: NOTHING_DONE, standing: { ...NO_ARTIFACTS, pending: left.pending } }),
  };
  return { steps, left, script };
}

async function stateOf(run: WorkflowHandle, state: Progress['state']): Promise<Progress> {
  const progress = (): Promise<Progress> => run.query(progressQuery);
  await expect.poll(async () => (await progress()).state, { timeout: 30_000 }).toBe(state);
  return progress();
}

test('a run reads, looks up, writes and waits until it shows', async () => {
  const { steps, script } = world(2, 2, { besides: 1 });
  const run = await workflows.start('enrich', ENRICH, script);
  expect(await run.result()).toMatchObject({ pending: 0 });
  expect(steps).toEqual([
    'read',
    'form judge',
    'judge 1',
    'judge 2',
    'form write',
    'marks 1',
    'besides 1',
    'marks 2',
    'besides 2',
    'confirm',
  ]);
});

test('where nothing has more than marks to be written, nobody is asked for more', async () => {
  const { steps, script } = world();
  await (await workflows.start('enrich', ENRICH, script)).result();
  expect(steps).not.toContain('besides 1');
});

test('a run with nothing to do ends after its first look', async () => {
  const { steps, script } = world(0, 0);
  await (await workflows.start('enrich', ENRICH, script)).result();
  expect(steps).toEqual(['read', 'form judge', 'form write']);
});

test('a run tells what came in it, and not what was done before', async () => {
  let counted = 0;
  const run = await workflows.start('enrich', ENRICH, {
    async countArtifacts() {
      counted += 1;
      return {
        done: { ...NOTHING_DONE, marked: counted * 10, read: 100 },
        standing: { ...NO_ARTIFACTS, artifacts: 7 },
      };
    },
  });
  expect(await run.result()).toMatchObject({ marked: 10, read: 0, artifacts: 7 });
});

test('what is read in several rounds is worked through in between, and waited for once', async () => {
  const { steps, script } = world();
  let reads = 0;
  const run = await workflows.start('enrich', ENRICH, {
    ...script,
    async readArtifacts() {
      reads += 1;
      return { isEnd: reads === 3, isFullPass: true };
    },
  });
  await run.result();
  expect(reads).toBe(3);
  expect(steps.filter((step) => step === 'confirm')).toHaveLength(1);
});

test('what did not fit into the parts of a round is done in the next one', async () => {
  const { script, steps } = world(0, 0);
  let formed = 0;
  const run = await workflows.start('enrich', ENRICH, {
    ...script,
    async formArtifacts({ to }) {
      if (to === 'write') return parts(0);
      formed += 1;
      return formed < 3 ? { ...parts(1), isCut: true } : parts(0);
    },
  });
  await run.result();
  expect(steps.filter((step) => step.startsWith('judge'))).toHaveLength(2);
});

test('what does not show is written again before the run ends', async () => {
  const { script, steps, left } = world();
  let confirmed = 0;
  const run = await workflows.start('enrich', ENRICH, {
    ...script,
    async confirmArtifacts(input) {
      confirmed += 1;
      if (confirmed === 2) return script.confirmArtifacts?.(input) ?? { again: 0 };
      Object.assign(left, { judge: 1, write: 1 });
      return { again: 1 };
    },
  });
  await run.result();
  expect(steps.filter((step) => step === 'marks 1')).toHaveLength(2);
});

/** A step that fails so often before it does what it should. */
function failing<I, O>(type: string, times: number, step: (input: I) => Promise<O>): (input: I) => Promise<O> {
  let tried = 0;
  return async (input) => {
    tried += 1;
    if (tried <= times) throw failureOf(type);
    return step(input);
  };
}

const STEPS = [
  'readArtifacts',
  'formArtifacts',
  'judgeArtifacts',
  'writeArtifacts',
  'confirmArtifacts',
  'countArtifacts',
] as const;

describe.each(['Refused', 'Unexpected'])('a run whose step fails as %s', (type) => {
  test.each(STEPS)('in %s is blocked, says why, and goes on once it is resumed', async (name) => {
    const { script } = world();
    const lifted: unknown[] = [];
    const step: (input: never) => Promise<unknown> = script[name] ?? QUIET[name];
    const run = await workflows.start('enrich', ENRICH, {
      ...script,
      [name]: failing(type, 1, step),
      async liftPauses(input) {
        lifted.push(input);
        return 0;
      },
    });
    expect(await stateOf(run, 'blocked')).toMatchObject({ blocked: `This is ${type}.` });
    await run.executeUpdate(resumeUpdate);
    expect(await run.result()).toMatchObject({ pending: 0 });
    expect(lifted).toEqual([ENRICH]);
  });

  test('tries again by itself every hour', async () => {
    const { script } = world();
    const tried: number[] = [];
    const read = failing(type, 3, script.readArtifacts ?? QUIET.readArtifacts);
    const run = await workflows.start('enrich', ENRICH, {
      ...script,
      async readArtifacts(input) {
        tried.push(await workflows.now());
        return read(input);
      },
    });
    await run.result();
    expect(tried.map((at) => Math.floor((at - (tried[0] ?? 0)) / 3_600_000))).toEqual([0, 1, 2, 3]);
  });
});

test.each([
  ['judgeArtifacts', 'judge', 'judge'],
  ['writeArtifacts', 'marks', 'marks'],
] as const)('a part that fails in %s keeps no other, and the run fails with its sentence', async (name, _, word) => {
  const { steps, script } = world(3, 3);
  const step: (input: never) => Promise<unknown> = script[name] ?? QUIET[name];
  const run = await workflows.start('enrich', ENRICH, { ...script, [name]: failing('Malformed', 1, step) });
  await expect(run.result()).rejects.toMatchObject({
    cause: { type: 'Malformed', message: 'This is Malformed. The next run takes up what is left.' },
  });
  expect(steps.filter((one) => one.startsWith(word))).toEqual([`${word} 2`, `${word} 3`]);
  expect(steps).toContain('marks 3');
});

test('a run that is paused for days does nothing meanwhile, and goes on', async () => {
  const { steps, script } = world(3, 1);
  const judging = gate();
  const run = await workflows.start('enrich', ENRICH, {
    ...script,
    async judgeArtifacts(input) {
      await judging.pass();
      return script.judgeArtifacts?.(input) ?? QUIET.judgeArtifacts(input);
    },
  });
  await judging.reached;
  expect(await run.executeUpdate(pauseUpdate)).toBe('paused');
  judging.open();
  await workflows.pass('3 days');
  expect(steps).toEqual(['read', 'form judge', 'judge 1']);
  expect(await run.query(progressQuery)).toMatchObject({ state: 'paused', step: 'looking up', done: 1, total: 3 });
  expect(await run.executeUpdate(resumeUpdate)).toBe('running');
  await run.result();
  expect(steps.slice(3)).toEqual(['judge 2', 'judge 3', 'form write', 'marks 1', 'confirm']);
});

test('a run is as wide as it is told', async () => {
  const { script } = world(6, 0);
  const first = gate();
  let under = 0;
  let most = 0;
  const run = await workflows.start('enrich', ENRICH, {
    ...script,
    async judgeArtifacts(input) {
      under += 1;
      most = Math.max(most, under);
      if (input.part === 1) await first.pass();
      else await expect.poll(() => most, { timeout: 30_000 }).toBe(3);
      under -= 1;
      return QUIET.judgeArtifacts(input);
    },
  });
  await first.reached;
  await run.executeUpdate(setConcurrencyUpdate, { args: [3] });
  await expect.poll(() => most, { timeout: 30_000 }).toBe(3);
  first.open();
  await run.result();
  expect(most).toBe(3);
});

describe('a run that is cancelled', () => {
  test.each(['readArtifacts', 'judgeArtifacts', 'writeArtifacts'] as const)(
    'while it is blocked in %s ends',
    async (name) => {
      const { script } = world();
      const run = await workflows.start('enrich', ENRICH, {
        ...script,
        [name]: async (): Promise<never> => {
          throw failureOf('Refused');
        },
      });
      await stateOf(run, 'blocked');
      await run.cancel();
      await expect(run.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    },
  );
});

test('a batch that is cancelled keeps no other, and fails its run with that as the reason', async () => {
  const { steps, script } = world(0, 2, { besides: 1, lanes: 2 });
  const writing = gate();
  const workflowId = `enrich ${randomUUID()}`;
  const run = await workflows.start(
    'enrich',
    ENRICH,
    {
      ...script,
      async writeArtifacts(input) {
        if (input.part === 1 && input.what === 'marks') await writing.pass();
        await script.writeArtifacts?.(input);
      },
    },
    workflowId,
  );
  await writing.reached;
  await workflows.handle(`${workflowId}/b/1`).cancel();
  writing.open();
  await expect(run.result()).rejects.toMatchObject({ cause: { message: expect.stringContaining('was cancelled') } });
  expect(steps).toContain('besides 2');
  expect(steps).not.toContain('besides 1');
});

test('a run that goes on as a new one is paused still, counts from where it began, and gives no batch an id twice', async () => {
  const { steps, script } = world(0, 1);
  const carried = {
    before: { ...NOTHING_DONE, marked: 5 },
    steering: { paused: true, lanes: 2 },
    shown: 'paused' as const,
    batches: 12,
  };
  let batch = '';
  const workflowId = `enrich ${randomUUID()}`;
  const run = await workflows.start(
    'enrich',
    { ...ENRICH, carried },
    {
      ...script,
      async writeArtifacts(input) {
        batch = `${workflowId}/b/13`;
        await workflows.handle(batch).describe();
        await script.writeArtifacts?.(input);
      },
      async countArtifacts(input) {
        const counted = await script.countArtifacts?.(input);
        return { done: { ...NOTHING_DONE, marked: 9 }, standing: counted?.standing ?? NO_ARTIFACTS };
      },
    },
    workflowId,
  );
  await workflows.pass('2 days');
  expect(await run.query(progressQuery)).toMatchObject({ state: 'paused', done: 12, total: 12 });
  expect(steps).toEqual([]);
  await run.executeUpdate(resumeUpdate);
  expect(await run.result()).toMatchObject({ marked: 4 });
  expect(batch).not.toBe('');
});
