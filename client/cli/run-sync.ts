import type { Counts } from '../../indicators/counts.ts';
import type { Temporal } from '../connect.ts';
import { followRun, type RunEnd } from '../follow-run.ts';
import { triggerSchedule } from '../schedules.ts';
import type { Output } from './output.ts';
import { createProgressLine } from './progress-line.ts';
import { withSchedule } from './with-schedule.ts';

/** `C` is what it says in the end: those of a sync, unless it enriches. */
export interface SyncRun<C = Counts> {
  readonly workflowId: string;
  readonly end: RunEnd<C>;
  readonly seconds: number;
}

/** Triggers a pipeline's schedule and follows the run to its end, with progress. */
export async function runSync<C = Counts>(
  temporal: Temporal,
  pipeline: string,
  output: Output,
  signal: AbortSignal,
): Promise<SyncRun<C>> {
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
    const end = await followRun<C>(temporal, workflowId, (progress) => line.show(progress), signal);
    return { workflowId, end, seconds: (performance.now() - begun) / 1_000 };
  } finally {
    line.end();
  }
}
