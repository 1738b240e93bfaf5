import type { Counts } from '../../indicators/counts.ts';
import type { EnrichCounts } from '../../indicators/enrich-counts.ts';
import { enrichReport } from '../enrich-report.ts';
import { runReport } from '../run-report.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';
import type { SyncRun } from './run-sync.ts';

/** Shows how a run ended; one that failed or is blocked ends the command with its exit code. */
export function showEnd(
  { workflowId, end, seconds }: SyncRun<Counts | EnrichCounts>,
  output: Output,
  facts: Readonly<Record<string, unknown>> = {},
): void {
  const about = { workflowId, seconds: Math.round(seconds * 100) / 100, ...facts };
  if (end.kind === 'completed') {
    output.print('artifacts' in end.counts ? enrichReport(end.counts) : runReport(end.counts));
    output.result({ ...end.counts, ...about });
    return;
  }
  if (end.kind === 'paused') {
    output.result({ state: end.kind, ...about });
    throw new CommandError(
      `The run ${workflowId} is paused, and waits for somebody to let it go on: send it the update 'resume' (of a backfill, 'mdti-sync backfill resume').`,
      EXIT.blocked,
    );
  }
  output.result({ state: end.kind, reason: end.reason, ...about });
  throw end.kind === 'blocked'
    ? new CommandError(
        `The run ${workflowId} is blocked: ${end.reason} Mend it, then send it the update 'resume'.`,
        EXIT.blocked,
      )
    : new CommandError(`The run ${workflowId} failed: ${end.reason}`, EXIT.failed);
}
