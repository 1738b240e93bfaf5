import Table from 'cli-table3';
import { Command } from 'commander';
import type { OpenWindow, PipelineStatus } from '../../workflows/ask.ts';
import { shortTime } from '../../workflows/names.ts';
import { askLedger, UnknownPipeline } from '../ask-ledger.ts';
import type { Temporal } from '../connect.ts';
import { type Orphan, orphan, schedulesOn } from '../orphans.ts';
import { type RunningRun, runningRuns } from '../running-runs.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput, type Output } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { chosenTaskQueue, type TaskQueueChoice, taskQueueOptions } from './task-queue.ts';
import { withTemporal } from './with-temporal.ts';

export function statusCommand(): Command {
  const command = new Command('status')
    .description('what is covered, what the destination holds, what is running, and what is wrong')
    .addOption(pipelineOption('only this pipeline (default: every pipeline that has a schedule)'))
    .option('--json', 'print one JSON object')
    .action(async (options: { pipeline?: string; json?: true } & TaskQueueChoice) => {
      const output = createOutput(options.json === true);
      const taskQueue = await chosenTaskQueue(options);
      await withTemporal(async (temporal) => {
        const { pipelines, orphans } =
          options.pipeline === undefined
            ? await statusOfAll(temporal, taskQueue)
            : { pipelines: [await statusOf(temporal, taskQueue, options.pipeline)], orphans: [] };
        for (const status of pipelines) show(output, status);
        for (const { sentence } of orphans) output.print(sentence);
        output.result({ pipelines, orphans });
      });
    });
  for (const option of taskQueueOptions()) command.addOption(option);
  return command;
}

type Status = PipelineStatus & { readonly running: readonly RunningRun[] };

async function statusOf(temporal: Temporal, taskQueue: string, pipeline: string): Promise<Status> {
  const running = await runningRuns(temporal, pipeline);
  return Object.assign(await askLedger(temporal, taskQueue, { kind: 'status', pipeline }), { running });
}

/** Of every pipeline that has a schedule; those that the worker's configuration no longer has are named, and cost the others nothing. */
async function statusOfAll(
  temporal: Temporal,
  taskQueue: string,
): Promise<{ readonly pipelines: readonly Status[]; readonly orphans: readonly Orphan[] }> {
  const schedules = await schedulesOn(temporal, taskQueue);
  if (schedules.length === 0) {
    throw new CommandError(
      `No pipeline has a schedule on the task queue ${taskQueue} yet. Create them with 'mdti-sync schedule apply'; --task-queue, or MDTI_SYNC_TASK_QUEUE, names another one.`,
      EXIT.failed,
    );
  }
  const orphans: Orphan[] = [];
  const answers = await Promise.all(
    schedules.map(async (schedule) => {
      try {
        return [await statusOf(temporal, taskQueue, schedule.pipeline)];
      } catch (error) {
        if (!(error instanceof UnknownPipeline)) throw error;
        orphans.push(orphan(schedule));
        return [];
      }
    }),
  );
  return { pipelines: answers.flat(), orphans };
}

function show(output: Output, status: Status): void {
  const { coverage, deliveries } = status;
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    { [status.pipeline]: coverage === null ? 'never ran' : `${shortTime(coverage.from)} to ${shortTime(coverage.to)}` },
    {
      gaps:
        status.gaps.length === 0
          ? 'none'
          : status.gaps.map((gap) => `${shortTime(gap.from)} to ${shortTime(gap.to)}`).join('\n'),
    },
    ...status.open.map((window) => ({
      [`window ${window.state}`]: `${shortTime(window.from)} to ${shortTime(window.to)}${because(window)}`,
    })),
    ...(status.unreadSlices > 0 ? [{ unread: unread(status) }] : []),
    ...(status.waiting.length > 0 ? [{ waiting: status.waiting.map(waitingLine).join('\n') }] : []),
    { running: status.running.length === 0 ? 'nothing' : status.running.map(describe).join('\n') },
    {
      indicators: `${status.indicators.toLocaleString('en')} known, ${(deliveries.confirmed ?? 0).toLocaleString('en')} confirmed at the destination, ${(deliveries.rejected ?? 0).toLocaleString('en')} rejected, ${(deliveries.pending ?? 0).toLocaleString('en')} on their way, ${(deliveries.retracted ?? 0).toLocaleString('en')} retracted`,
    },
    ...leftOver(status),
    ...(status.emptyWindows > 1 ? [{ silence: `the last ${status.emptyWindows} windows had no row` }] : []),
    ...(status.staleLists ?? []).map(({ file, since, problem }) => ({
      'exclusion list': `${file}: ${problem}. The list as it was before ${since.slice(0, 16)}Z is in force`,
    })),
    { quarantine: `${status.quarantined.toLocaleString('en')} rows` },
  );
  output.print(table.toString());
}

/** What nobody asks before it said, unless a person has it tried. */
function waitingLine({ api, until }: PipelineStatus['waiting'][number]): string {
  return `${api} asked to be left alone until ${until.slice(0, 19)}Z; the update resume of any run of the pipeline has it tried again at once`;
}

/** What the source did not give, and when it is asked for again. */
function unread({ unread: slices, unreadSlices }: PipelineStatus): string {
  const lines = slices.map(
    ({ from, to, bucket, buckets, since, reason, tries, dueAt }) =>
      `part ${bucket + 1} of ${buckets} of ${shortTime(from)} to ${shortTime(to)}, not given ${tries} times since ${shortTime(since)}, read again by the first run from ${shortTime(dueAt)} on: ${reason}`,
  );
  const more = unreadSlices - slices.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** What a person may want to do something about, with what to press. */
function leftOver({ pipeline, setAside, rejectedBy }: PipelineStatus): { readonly [what: string]: string }[] {
  const again = (option: string): string => `again: mdti-sync redeliver --pipeline ${pipeline} ${option}`;
  const lines: { readonly [what: string]: string }[] = [];
  if (setAside.length > 0) {
    lines.push({ 'set aside': [...setAside.map(asideLine), again('--set-aside')].join('\n') });
  }
  if (rejectedBy.length > 0) {
    const reasons = rejectedBy.map(({ reason, items }) => `${items.toLocaleString('en')}: ${reason}`);
    lines.push({ rejected: [...reasons, again('--rejected')].join('\n') });
  }
  return lines;
}

function asideLine({ stage, reason, items, since, due }: PipelineStatus['setAside'][number]): string {
  const byItself = due === null ? '' : `, taken up by itself from ${due.slice(0, 16)}Z`;
  return `${items.toLocaleString('en')} at ${stage} since ${since.slice(0, 16)}Z${byItself}: ${reason}`;
}

function because({ state, reason, owner }: OpenWindow): string {
  if (state === 'running') return ` by ${owner}`;
  if (state === 'abandoned') return `: ${owner} is not heard of any more; the next run takes it up`;
  return reason === null ? '' : `: ${reason}`;
}

function describe({ workflowId, progress }: RunningRun): string {
  if (progress === null) return workflowId;
  const reason = progress.blocked === null ? '' : `: ${progress.blocked}`;
  const end = progress.expectedEnd === null ? '' : `, expected to end at ${progress.expectedEnd.slice(0, 16)}Z`;
  return `${workflowId} (${progress.state}, window ${progress.done} of ${progress.total}${end})${reason}`;
}
