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
    '',
    `- step: ${progress.step}`,
    `- windows: ${progress.done} of ${progress.total}`,
    `- rows: ${counts.rows} (new ${counts.new}, changed ${counts.changed}, unchanged ${counts.unchanged}, excluded ${counts.excluded}, malformed ${counts.malformed}, merged ${counts.merged})`,
    `- held: ${counts.held}`,
    `- confirmed: ${counts.confirmed}`,
    `- rejected: ${counts.rejected}`,
    `- retracted: ${counts.retracted}`,
  ];
  return lines.join('\n');
}
