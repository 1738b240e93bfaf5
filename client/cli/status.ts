import { Command } from 'commander';
import { askLedger, UnknownPipeline } from '../ask-ledger.ts';
import type { Temporal } from '../connect.ts';
import { type Orphan, orphan, schedulesOn } from '../orphans.ts';
import { runningRuns } from '../running-runs.ts';
import { type ScheduleView, scheduleOr } from '../schedules.ts';
import { type EnrichStatus, enrichmentTable } from './enrichment-table.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { type Status, statusTable } from './status-table.ts';
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
            : {
                pipelines: [await statusOf(temporal, taskQueue, await named(temporal, options.pipeline))],
                orphans: [],
              };
        // What is read by a program, or searched, has each fact on a line.
        const width = process.stdout.isTTY ? Math.max(80, process.stdout.columns) : null;
        for (const status of pipelines) {
          output.print('standing' in status ? enrichmentTable(status, width) : statusTable(status, width));
        }
        for (const { sentence } of orphans) output.print(sentence);
        output.result({ pipelines, orphans });
      });
    });
  for (const option of taskQueueOptions()) command.addOption(option);
  return command;
}

type AnyStatus = Status | EnrichStatus;

async function statusOf(
  temporal: Temporal,
  taskQueue: string,
  { pipeline, kind }: Pick<ScheduleView, 'pipeline' | 'kind'>,
): Promise<AnyStatus> {
  const running = await runningRuns(temporal, pipeline);
  if (kind === 'enrich') {
    const enrichment = await askLedger(temporal, taskQueue, { kind: 'enrichment', pipeline });
    if (enrichment !== null) return Object.assign(enrichment, { running });
  }
  return Object.assign(await askLedger(temporal, taskQueue, { kind: 'status', pipeline }), { running });
}

/** What its schedule says of it; one without a schedule is taken for one that delivers. */
async function named(temporal: Temporal, pipeline: string): Promise<Pick<ScheduleView, 'pipeline' | 'kind'>> {
  return (await scheduleOr(temporal, pipeline)) ?? { pipeline, kind: 'sync' };
}

/** Of every pipeline that has a schedule; those that the worker's configuration no longer has are named, and cost the others nothing. */
async function statusOfAll(
  temporal: Temporal,
  taskQueue: string,
): Promise<{ readonly pipelines: readonly AnyStatus[]; readonly orphans: readonly Orphan[] }> {
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
        return [await statusOf(temporal, taskQueue, schedule)];
      } catch (error) {
        if (!(error instanceof UnknownPipeline)) throw error;
        orphans.push(orphan(schedule));
        return [];
      }
    }),
  );
  return { pipelines: answers.flat(), orphans };
}
