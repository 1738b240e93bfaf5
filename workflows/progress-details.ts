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
    `- windows: ${progress.done} of ${progress.total}`,
    ...(progress.expectedEnd === null
      ? []
      : [`- expected end: ${progress.expectedEnd.slice(0, 16)}Z, at the pace so far`]),
    `- rows: ${n(counts.rows)} (new ${n(counts.new)}, changed ${n(counts.changed)}, unchanged ${n(counts.unchanged)}, excluded ${n(counts.excluded)}, malformed ${n(counts.malformed)}, merged ${n(counts.merged)})`,
    `- held: ${n(counts.held)}`,
    `- confirmed: ${n(counts.confirmed)}`,
    `- rejected: ${n(counts.rejected)}`,
    `- retracted: ${n(counts.retracted)}`,
  ];
  return lines.join('\n');
}

function n(count: number): string {
  return count.toLocaleString('en');
}
