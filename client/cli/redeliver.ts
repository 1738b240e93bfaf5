import { Command } from 'commander';
import { askLedger } from '../ask-ledger.ts';
import type { Temporal } from '../connect.ts';
import { interruptSignal } from './interrupt.ts';
import { createOutput } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { showEnd } from './run-end.ts';
import { runSync } from './run-sync.ts';
import { chosenTaskQueue, type TaskQueueChoice, taskQueueOptions } from './task-queue.ts';
import { exactInstant } from './time-options.ts';
import { withTemporal } from './with-temporal.ts';

interface RedeliverOptions extends TaskQueueChoice {
  readonly pipeline: string;
  readonly rejected?: true;
  readonly setAside?: true;
  readonly window?: string;
  readonly json?: true;
}

export function redeliverCommand(): Command {
  const command = new Command('redeliver')
    .description(
      'take up again what the destination has rejected and what was set aside (default: both), and run the pipeline for it',
    )
    .addOption(pipelineOption().makeOptionMandatory())
    .option('--rejected', 'what the destination has rejected, as after a mistake in the settings')
    .option('--set-aside', 'what could not be looked up or delivered after a bounded effort, and what is gathered')
    .option(
      '--window <time>',
      'only what the window decided that has this instant in it, as coverage shows them',
      (text) => exactInstant(text).toISOString(),
    )
    .option('--json', 'print one JSON object as the last line of standard output')
    .action(redeliver);
  for (const option of taskQueueOptions()) command.addOption(option);
  return command;
}

/** A run that was going already may have been past the point at which it takes up what is due. */
const MOST_RUNS = 2;

async function redeliver(options: RedeliverOptions): Promise<void> {
  const { pipeline } = options;
  const taskQueue = await chosenTaskQueue(options);
  const output = createOutput(options.json === true);
  const signal = interruptSignal(output.say);
  const both = options.rejected === undefined && options.setAside === undefined;
  await withTemporal(async (temporal) => {
    const question = {
      kind: 'redeliver',
      pipeline,
      rejected: both || options.rejected === true,
      setAside: both || options.setAside === true,
      window: options.window ?? null,
    } as const;
    const marked = await askLedger(temporal, taskQueue, question, { signal });
    if (marked.rejected + marked.setAside === 0) {
      output.print('There is nothing to take up again.');
      output.result({ marked, waiting: 0 });
      return;
    }
    output.say(`To take up again: ${marked.rejected} that were rejected, ${marked.setAside} that were set aside.`);
    let run = await runSync(temporal, pipeline, output, signal);
    let waiting = await due(temporal, taskQueue, pipeline, signal);
    for (let runs = 1; waiting > 0 && runs < MOST_RUNS && run.end.kind === 'completed'; runs += 1) {
      run = await runSync(temporal, pipeline, output, signal);
      waiting = await due(temporal, taskQueue, pipeline, signal);
    }
    if (waiting > 0) output.say(`${waiting} of them still wait: the next run of ${pipeline} takes them up.`);
    showEnd(run, output, { marked, waiting });
  });
}

/** How many are due, and have not been taken up. */
async function due(temporal: Temporal, taskQueue: string, pipeline: string, signal: AbortSignal): Promise<number> {
  const enrichment = await askLedger(temporal, taskQueue, { kind: 'enrichment', pipeline }, { signal });
  if (enrichment !== null) return 0;
  const { due: items } = await askLedger(temporal, taskQueue, { kind: 'status', pipeline }, { signal });
  return items;
}
