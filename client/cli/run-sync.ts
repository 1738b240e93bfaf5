import type { Temporal } from '../connect.ts';
import { followRun, type RunEnd } from '../follow-run.ts';
import { triggerSchedule } from '../schedules.ts';
import type { Output } from './output.ts';
import { createProgressLine } from './progress-line.ts';
import { withSchedule } from './with-schedule.ts';

export interface SyncRun {
  readonly workflowId: string;
  readonly end: RunEnd;
  readonly seconds: number;
}

/** Triggers a pipeline's schedule and follows the run to its end, with progress. */
export async function runSync(
  temporal: Temporal,
  pipeline: string,
  output: Output,
  signal: AbortSignal,
): Promise<SyncRun> {
  const begun = performance.now();
  const { workflowId, started } = await withSchedule(temporal, pipeline, () =>
    triggerSchedule(temporal, pipeline, { signal }),
  );
  output.say(
    started
      ? `Started ${workflowId}.`
      : `A run is going already, so no second one was started: following ${workflowId}.`,
  );
  const line = createProgressLine(output);
  try {
    const end = await followRun(temporal, workflowId, (progress) => line.show(progress), signal);
    return { workflowId, end, seconds: (performance.now() - begun) / 1_000 };
  } finally {
    line.end();
  }
}
