import type { Counts } from '../indicators/counts.ts';
import type { EnrichCounts } from '../indicators/enrich-counts.ts';
import { unreadWarning } from '../indicators/unread-warning.ts';
import type { Progress } from './handles.ts';

/** The run as a short Markdown list for the User Metadata tab, where tables render badly. */
export function progressDetails(pipeline: string, progress: Progress): string {
  const { counts } = progress;
  const lines = [
    `**${pipeline}: ${progress.state}**`,
    ...(progress.blocked === null
      ? []
      : [
          '',
          `What is wrong: ${progress.blocked}`,
          '',
          'Once it is mended, send the update `resume`; without it, the run tries again within the hour. Nothing is lost.',
        ]),
    ...(progress.warning === null ? [] : ['', `Warning: ${progress.warning}`]),
    ...(counts.unread > 0 ? ['', `Warning: ${unreadWarning(counts)}`] : []),
    '',
    `- step: ${progress.step}`,
    `- ${progress.enriched === undefined ? 'windows' : 'batches'}: ${progress.done} of ${progress.total}`,
    ...(progress.expectedEnd === null
      ? []
      : [`- expected end: ${progress.expectedEnd.slice(0, 16)}Z, at the pace so far`]),
    ...(progress.enriched === undefined ? delivered(counts) : enrichedLines(progress.enriched)),
  ];
  return lines.join('\n');
}

function delivered(counts: Counts): readonly string[] {
  return [
    `- rows: ${n(counts.rows)} (new ${n(counts.new)}, changed ${n(counts.changed)}, unchanged ${n(counts.unchanged)}, excluded ${n(counts.excluded)}, malformed ${n(counts.malformed)}, merged ${n(counts.merged)})`,
    `- held: ${n(counts.held)}`,
    `- confirmed: ${n(counts.confirmed)}`,
    `- rejected: ${n(counts.rejected)}`,
    `- retracted: ${n(counts.retracted)}`,
  ];
}

function enrichedLines(counts: EnrichCounts): readonly string[] {
  return [
    `- read: ${n(counts.read)} (new ${n(counts.new)}, changed ${n(counts.changed)}, our own ${n(counts.delivered)}, unreadable ${n(counts.unreadable)})`,
    `- looked up: ${n(counts.lookedUp)} hosts, for ${n(counts.judged)} artifacts`,
    `- tags written: ${n(counts.marked)}, taken off: ${n(counts.cleared)}, confirmed: ${n(counts.confirmed)}`,
    ...(counts.commented + counts.rescored === 0
      ? []
      : [`- comments: ${n(counts.commented)}, confidences: ${n(counts.rescored)}`]),
    `- set aside: ${n(counts.setAside)}, gone: ${n(counts.gone)}`,
    `- artifacts: ${n(counts.artifacts)} with ${n(counts.hosts)} hosts: right ${n(counts.right)}, hashes ${n(counts.hashes)}, no host ${n(counts.noHost)}, excluded ${n(counts.excluded)}, set aside ${n(counts.aside)}, pending ${n(counts.pending)}`,
  ];
}

function n(count: number): string {
  return count.toLocaleString('en');
}
