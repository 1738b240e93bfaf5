import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleNotFoundError, type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { enrichWorkflowId, scheduleId, syncWorkflowId } from '../workflows/names.ts';
import { MdtiPipeline } from '../workflows/search-attributes.ts';
import type { Temporal } from './connect.ts';

/** When a pipeline runs: `pipelines.<name>.schedule` of the configuration, durations in milliseconds. */
export interface ScheduleSettings {
  readonly every: number;
  readonly jitter: number;
  /** A run missed by no more than this is caught up. Coverage makes a longer absence harmless: the next run reads it all. */
  readonly catchUp: number;
  readonly paused: boolean;
}

export interface ScheduleView {
  readonly pipeline: string;
  readonly scheduleId: string;
  /** Of the workers that its runs are for. */
  readonly taskQueue: string;
  /** What its runs do. */
  readonly kind: PipelineKind;
  readonly everyMs: number | null;
  readonly paused: boolean;
  readonly note: string | null;
  readonly next: readonly string[];
  readonly recent: readonly { readonly at: string; readonly workflowId: string }[];
  readonly running: readonly string[];
  readonly skipped: number;
}

/** What its runs do: the type of their workflow. */
export type PipelineKind = 'sync' | 'enrich';

/** Creates the pipeline's schedule, or brings it to these settings. Whether it is paused is left to the operator. */
export async function applySchedule(
  { client }: Temporal,
  pipeline: string,
  settings: ScheduleSettings,
  taskQueue: string,
  kind: PipelineKind = 'sync',
): Promise<'created' | 'updated'> {
  const options = scheduleOptions(pipeline, settings, taskQueue, kind);
  const handle = client.schedule.getHandle(options.scheduleId);
  try {
    await handle.update((previous) => ({
      spec: options.spec,
      action: options.action,
      policies: { ...previous.policies, ...options.policies },
      state: previous.state,
    }));
    return 'updated';
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  await client.schedule.create(options);
  return 'created';
}

function scheduleOptions(pipeline: string, settings: ScheduleSettings, taskQueue: string, kind: PipelineKind) {
  return {
    scheduleId: scheduleId(pipeline),
    spec: { intervals: [{ every: settings.every }], jitter: settings.jitter },
    action: {
      type: 'startWorkflow',
      workflowType: kind,
      workflowId: kind === 'sync' ? syncWorkflowId(pipeline) : enrichWorkflowId(pipeline),
      taskQueue,
      args: [{ pipeline }],
      staticSummary: kind === 'sync' ? `sync of ${pipeline}` : `enrichment by ${pipeline}`,
      typedSearchAttributes: [{ key: MdtiPipeline, value: pipeline }],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: settings.catchUp },
    state: { paused: settings.paused },
    typedSearchAttributes: [{ key: MdtiPipeline, value: pipeline }],
  } satisfies ScheduleOptions;
}

export interface Triggered {
  readonly workflowId: string;
  /** False when a run was going already: then `workflowId` is that one, and no second one was started. */
  readonly started: boolean;
}

/** How often a schedule is asked what became of a trigger. */
const ASK_EVERY_MS = 200;
/** A schedule acts within a second or two. What it could not start, it forgets without a word. */
const ACTS_WITHIN_MS = 60_000;

/** Starts a run now, unless one is going, also of a schedule that is paused. Throws when the schedule does neither within the time. */
export async function triggerSchedule(
  temporal: Temporal,
  pipeline: string,
  { withinMs = ACTS_WITHIN_MS, signal }: { readonly withinMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Triggered> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const triggered = await triggerOnce(temporal, pipeline, deadline, signal);
    if (triggered === 'in the way, and over') continue;
    if (triggered !== null) return triggered;
    throw new Error(
      `The schedule of ${pipeline} took the trigger, and has neither started a run nor met one within ${Math.round(withinMs / 1_000)} s. Look at it with 'mdti-sync schedule describe --pipeline ${pipeline}' and at the schedule in the Temporal UI, and try again.`,
    );
  }
}

/** Null when the time is up. */
async function triggerOnce(
  temporal: Temporal,
  pipeline: string,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Triggered | 'in the way, and over' | null> {
  const handle = temporal.client.schedule.getHandle(scheduleId(pipeline));
  const before = await handle.describe();
  // By run: two runs that are started within one second have one workflow id.
  const seen = new Set(before.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId));
  await handle.trigger(ScheduleOverlapPolicy.SKIP);
  while (performance.now() < deadline) {
    signal?.throwIfAborted();
    const { info } = await handle.describe();
    const started = info.recentActions.find(({ action }) => !seen.has(action.workflow.firstExecutionRunId));
    if (started !== undefined) return { workflowId: started.action.workflow.workflowId, started: true };
    if (info.numActionsSkippedOverlap > before.info.numActionsSkippedOverlap) {
      const [running] = info.runningActions;
      return running === undefined
        ? 'in the way, and over'
        : { workflowId: running.workflow.workflowId, started: false };
    }
    await sleep(ASK_EVERY_MS);
  }
  return null;
}

export async function describeSchedule({ client }: Temporal, pipeline: string): Promise<ScheduleView> {
  const described = await client.schedule.getHandle(scheduleId(pipeline)).describe();
  return {
    pipeline,
    scheduleId: described.scheduleId,
    taskQueue: described.action.taskQueue,
    kind: described.action.workflowType === 'enrich' ? 'enrich' : 'sync',
    everyMs: described.spec.intervals?.[0]?.every ?? null,
    paused: described.state.paused,
    note: described.state.note ?? null,
    next: described.info.nextActionTimes.slice(0, 5).map((at) => at.toISOString()),
    recent: described.info.recentActions.map(({ takenAt, action }) => ({
      at: takenAt.toISOString(),
      workflowId: action.workflow.workflowId,
    })),
    running: described.info.runningActions.map(({ workflow }) => workflow.workflowId),
    skipped: described.info.numActionsSkippedOverlap,
  };
}

/** The same; null where the pipeline has none. */
export async function scheduleOr(temporal: Temporal, pipeline: string): Promise<ScheduleView | null> {
  try {
    return await describeSchedule(temporal, pipeline);
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** The names of the pipelines that have a schedule. */
export async function listSchedules({ client }: Temporal): Promise<readonly string[]> {
  const prefix = scheduleId('');
  const names: string[] = [];
  for await (const { scheduleId: id } of client.schedule.list()) {
    if (id.startsWith(prefix)) names.push(id.slice(prefix.length));
  }
  return names.sort();
}

export async function pauseSchedule({ client }: Temporal, pipeline: string, note: string): Promise<void> {
  await client.schedule.getHandle(scheduleId(pipeline)).pause(note);
}

export async function unpauseSchedule({ client }: Temporal, pipeline: string, note: string): Promise<void> {
  await client.schedule.getHandle(scheduleId(pipeline)).unpause(note);
}

export async function deleteSchedule({ client }: Temporal, pipeline: string): Promise<void> {
  await client.schedule.getHandle(scheduleId(pipeline)).delete();
}
