import { randomUUID } from 'node:crypto';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { askLedger } from '../../client/ask-ledger.ts';
import { connectTemporal, type Temporal } from '../../client/connect.ts';
import { followRun } from '../../client/follow-run.ts';
import { applySchedule, deleteSchedule, pauseSchedule, triggerSchedule } from '../../client/schedules.ts';
import { registerSearchAttributes } from '../../client/search-attributes.ts';
import { NoWorker } from '../../client/temporal-errors.ts';
import { scheduleId, syncWorkflowId } from '../../workflows/names.ts';

const SCHEDULE = { every: 30 * 86_400_000, jitter: 0, catchUp: 10_000, paused: false };
const PATIENCE = { pausedMs: 1, withoutWorkerMs: 1, muteMs: 600_000 };

/** No worker anywhere: what is started stays going. */
describe('without a worker', () => {
  let temporal: Temporal;
  const ids: string[] = [];
  const schedules: string[] = [];

  beforeAll(async () => {
    temporal = await connectTemporal({ address: inject('temporalAddress') });
    await registerSearchAttributes(temporal);
  });
  afterEach(async () => {
    for (const pipeline of schedules.splice(0)) await deleteSchedule(temporal, pipeline).catch(() => undefined);
    for (const id of ids.splice(0)) await temporal.client.workflow.getHandle(id).terminate();
  });
  afterAll(() => temporal.close());

  async function scheduled(): Promise<string> {
    const pipeline = `w${randomUUID().slice(0, 8)}`;
    await applySchedule(temporal, pipeline, SCHEDULE, `nobody polls ${pipeline}`);
    schedules.push(pipeline);
    return pipeline;
  }

  test('a schedule that is paused starts a run when it is triggered', async () => {
    const pipeline = await scheduled();
    await pauseSchedule(temporal, pipeline, 'for the test');
    const triggered = await triggerSchedule(temporal, pipeline);
    ids.push(triggered.workflowId);
    expect(triggered.started).toBe(true);
  });

  test('a run that is going is found, also when another one waits in line behind it', async () => {
    const pipeline = await scheduled();
    const first = await triggerSchedule(temporal, pipeline);
    ids.push(first.workflowId);
    await temporal.client.schedule.getHandle(scheduleId(pipeline)).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    expect(await triggerSchedule(temporal, pipeline)).toEqual({ workflowId: first.workflowId, started: false });
    expect(await triggerSchedule(temporal, pipeline)).toEqual({ workflowId: first.workflowId, started: false });
    // What waits in line would begin when the first one ends.
    await deleteSchedule(temporal, pipeline);
  });

  test('a run that the schedule could not start is not waited for without end', async () => {
    const pipeline = await scheduled();
    // The schedule names a run for the second at which it starts it: these names are taken.
    const now = Math.floor(Date.now() / 1_000);
    await Promise.all(
      Array.from({ length: 30 }, async (_, second) => {
        const at = new Date((now + second) * 1_000).toISOString().replace('.000Z', 'Z');
        const workflowId = `${syncWorkflowId(pipeline)}-${at}`;
        await temporal.client.workflow.start('sync', {
          workflowId,
          taskQueue: 'nobody polls this',
          args: [{ pipeline }],
        });
        ids.push(workflowId);
      }),
    );
    await expect(triggerSchedule(temporal, pipeline, { withinMs: 3_000 })).rejects.toThrow(
      `The schedule of ${pipeline} took the trigger, and has neither started a run nor met one within 3 s. Look at it with 'mdti-sync schedule describe --pipeline ${pipeline}'`,
    );
  });

  test('whoever waits for the schedule may be interrupted', async () => {
    const pipeline = await scheduled();
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(triggerSchedule(temporal, pipeline, { signal })).rejects.toThrow('interrupted');
    const { info } = await temporal.client.schedule.getHandle(scheduleId(pipeline)).describe();
    ids.push(...info.runningActions.map(({ workflow }) => workflow.workflowId));
  });

  test('following a run ends with the sentence that no worker is there', async () => {
    const pipeline = await scheduled();
    const { workflowId } = await triggerSchedule(temporal, pipeline);
    ids.push(workflowId);
    const following = followRun(temporal, workflowId, () => undefined, new AbortController().signal, PATIENCE);
    await expect(following).rejects.toThrow(NoWorker);
    await expect(following).rejects.toThrow(
      new RegExp(
        `^No worker answers on the task queue nobody polls ${pipeline} .* The run ${workflowId} waits for one\\.$`,
      ),
    );
  });

  test('a question is not even asked', async () => {
    await expect(askLedger(temporal, 'nobody polls this', { kind: 'status', pipeline: 'p' })).rejects.toThrow(NoWorker);
  });
});
