import type { Temporal } from './connect.ts';
import { listSchedules, type ScheduleView, scheduleOr } from './schedules.ts';

/** The schedule of a pipeline that the configuration no longer has. */
export interface Orphan {
  readonly pipeline: string;
  readonly scheduleId: string;
  /** Workflow ids of its runs that are going. */
  readonly running: readonly string[];
  /** What it is, and what to do about it. */
  readonly sentence: string;
}

/** The schedules that start runs on this task queue: others of the namespace are another installation's. */
export async function schedulesOn(temporal: Temporal, taskQueue: string): Promise<readonly ScheduleView[]> {
  const names = await listSchedules(temporal);
  // Lists are behind: they may show what has been deleted.
  const views = await Promise.all(names.map((name) => scheduleOr(temporal, name)));
  return views.filter((view) => view !== null).filter((view) => view.taskQueue === taskQueue);
}

export async function orphansOn(
  temporal: Temporal,
  taskQueue: string,
  configured: readonly string[],
): Promise<readonly Orphan[]> {
  const schedules = await schedulesOn(temporal, taskQueue);
  return schedules.filter(({ pipeline }) => !configured.includes(pipeline)).map(orphan);
}

export function orphan({ pipeline, scheduleId, running }: ScheduleView): Orphan {
  const cancel = running.map((workflowId) => `'mdti-sync runs cancel ${workflowId}'`);
  const going = cancel.length === 0 ? '' : ` A run of it is going, and ends with ${cancel.join(', ')}.`;
  return {
    pipeline,
    scheduleId,
    running,
    sentence: `${pipeline} has a schedule, but the configuration no longer has such a pipeline: put it back, or remove the schedule with 'mdti-sync schedule delete --pipeline ${pipeline}'.${going}`,
  };
}
