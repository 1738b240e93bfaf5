import type { EnrichmentStatus } from '../../workflows/ask.ts';
import { shortTime } from '../../workflows/names.ts';
import type { RunningRun } from '../running-runs.ts';
import { factsTable } from './facts-table.ts';

export type EnrichStatus = EnrichmentStatus & { readonly running: readonly RunningRun[] };

/** How a pipeline that enriches stands, for a person; within so many columns, if they are given. */
export function enrichmentTable(status: EnrichStatus, width: number | null): string {
  const { standing, done, destination, running, waiting, setAside } = status;
  return factsTable(
    [
      { [status.pipeline]: passLines(status).join('\n') },
      ...waiting.map(({ api, until }) => ({
        waiting: `${api} asked to be left alone until ${until.slice(0, 19)}Z; the update resume of any run of the pipeline has it tried again at once`,
      })),
      {
        enriches: `${destination.describe}${destination.stability === 'beta' ? ' (beta: not yet seen at work with a real one)' : ''}`,
      },
      { running: running.length === 0 ? 'nothing' : running.map(runLine).join('\n') },
      {
        artifacts: `${n(standing.artifacts)} known, with ${n(standing.hosts)} hosts: ${n(standing.right)} right, ${n(standing.hashes)} hashes (MDTI has none), ${n(standing.noHost)} without a host, ${n(standing.excluded)} excluded, ${n(standing.aside)} set aside, ${n(standing.pending)} pending`,
      },
      {
        written: `${n(done.marked)} times tags, ${n(done.cleared)} times none any more, ${n(done.commented)} comments, ${n(done.rescored)} confidences; ${n(done.confirmed)} confirmed`,
      },
      ...setAside.map(({ reason, artifacts, due }) => ({
        'set aside': `${n(artifacts)}: ${reason}${due === null ? '' : `\ntried again from ${shortTime(due.slice(0, 19))}Z on; at once: mdti-sync redeliver --pipeline ${status.pipeline} --set-aside`}`,
      })),
    ],
    width,
  );
}

/** How far what is selected has been read. */
export function passLines({ passes }: EnrichmentStatus): readonly string[] {
  if (passes === null) return ['never ran'];
  const { pass, began, ended, readAt } = passes;
  const whole =
    ended === null
      ? `pass ${n(pass)} over all that is selected is under way since ${minute(began)}`
      : `pass ${n(pass)} over all that is selected: ${minute(began)} to ${minute(ended)}`;
  return [whole, ...(readAt === null ? [] : [`read up to ${minute(readAt)}`])];
}

function runLine({ workflowId, progress }: RunningRun): string {
  if (progress === null) return `${workflowId}: no worker answers for it`;
  const { state, step, done, total, blocked } = progress;
  return `${workflowId}: ${state}, ${step}, batch ${n(done)} of ${n(total)}${blocked === null ? '' : `\n${blocked}`}`;
}

function minute(iso: string): string {
  return `${iso.slice(0, 16)}Z`;
}

function n(count: number): string {
  return count.toLocaleString('en');
}
