import Table from 'cli-table3';
import { Command } from 'commander';
import { type EndedRun, endRun, type GoingRun, goingRuns, NoSuchRun } from '../runs.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { lengthOfTime } from './time-options.ts';
import { withTemporal } from './with-temporal.ts';

export function runsCommand(): Command {
  return new Command('runs')
    .description('the runs that are going, and how to end one: only Temporal is asked')
    .addCommand(listCommand())
    .addCommand(cancelCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('the syncs and backfills that are going')
    .addOption(pipelineOption('only of this pipeline'))
    .option('--json', 'print one JSON object')
    .action(async (options: { pipeline?: string; json?: true }) => {
      const output = createOutput(options.json === true);
      await withTemporal(async (temporal) => {
        const runs = await goingRuns(temporal, options.pipeline ?? null);
        output.print(runs.length === 0 ? 'Nothing is running.' : table(runs));
        output.result({ runs });
      });
    });
}

function cancelCommand(): Command {
  return new Command('cancel')
    .description('end a run, whatever it is at, blocked or stuck too; the next one takes up what it leaves')
    .argument('<run>', "its workflow id, as 'runs list' and 'status' show it")
    .option(
      '--wait <length>',
      'terminate it when it has not ended within this: 30s, 5m',
      lengthOfTime({ min: '1s', max: '1h' }),
      30_000,
    )
    .option('--json', 'print one JSON object')
    .action(async (workflowId: string, options: { wait: number; json?: true }) => {
      const output = createOutput(options.json === true);
      await withTemporal(async (temporal) => {
        const ended = await end(() => endRun(temporal, workflowId, options.wait));
        output.print(sentence(ended, options.wait));
        output.result(ended);
        if (ended.status === 'RUNNING') throw new CommandError(`${workflowId} has not ended.`, EXIT.failed);
      });
    });
}

async function end(work: () => Promise<EndedRun>): Promise<EndedRun> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof NoSuchRun ? new CommandError(error.message, EXIT.failed, { cause: error }) : error;
  }
}

function sentence({ workflowId, type, how, status }: EndedRun, waitMs: number): string {
  const ending = status.toLowerCase().replaceAll('_', ' ');
  if (how === 'before') return `${workflowId} had ended already (${ending}).`;
  const isPart = type === 'window' || type === 'batch' || type === 'enrichBatch';
  const left = isPart
    ? 'The run that it is part of goes on, and leaves what this one had to do to the next one.'
    : 'What it has not finished is left to the next run.';
  if (how === 'cancelled') return `${workflowId} has ended (${ending}). ${left}`;
  return `${workflowId} did not end within ${waitMs / 1_000} s of being cancelled, and was terminated. ${left} If no worker runs, start one: 'mdti-sync worker'.`;
}

function table(runs: readonly GoingRun[]): string {
  const rows = new Table({ head: ['run', 'pipeline', 'state', 'since'], style: { head: [], border: [] } });
  for (const { workflowId, pipeline, state, since } of runs)
    rows.push([workflowId, pipeline ?? '', state ?? '', since]);
  return rows.toString();
}
