import { Command } from 'commander';
import type { Coverage, Stretch } from '../../workflows/ask.ts';
import { shortTime } from '../../workflows/names.ts';
import { askLedger } from '../ask-ledger.ts';
import { scheduleOr } from '../schedules.ts';
import { passLines } from './enrichment-table.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { chosenTaskQueue, type TaskQueueChoice, taskQueueOptions } from './task-queue.ts';
import { instant } from './time-options.ts';
import { withTemporal } from './with-temporal.ts';

interface CoverageOptions extends TaskQueueChoice {
  readonly pipeline: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

const DAYS_BACK = 30;
const WIDTH = 72;
/** What a stretch looks like in the strip; where several fall into one column, the first of these that is among them shows. */
const SIGNS = [
  ['failed', '!'],
  ['abandoned', '?'],
  ['missing', '.'],
  ['running', '>'],
  ['done', '#'],
] as const satisfies readonly (readonly [Stretch['state'], string])[];

export function coverageCommand(): Command {
  const command = new Command('coverage')
    .description("a pipeline's windows laid end to end: what is done, running, abandoned, failed or missing")
    .addOption(pipelineOption().makeOptionMandatory())
    .option('--from <time>', `from here on (default: ${DAYS_BACK} days before its end)`, instant)
    .option('--to <time>', 'up to here (default: now)', instant)
    .option('--json', 'print one JSON object')
    .action(async (options: CoverageOptions) => {
      const output = createOutput(options.json === true);
      const to = options.to ?? instant(new Date().toISOString());
      const from = options.from ?? new Date(Date.parse(to) - DAYS_BACK * 86_400_000).toISOString();
      if (from >= to) throw new CommandError('--from must be before --to.', EXIT.usage);
      const taskQueue = await chosenTaskQueue(options);
      await withTemporal(async (temporal) => {
        const schedule = await scheduleOr(temporal, options.pipeline);
        if (schedule?.kind === 'enrich') {
          const enrichment = await askLedger(temporal, taskQueue, { kind: 'enrichment', pipeline: options.pipeline });
          output.print(enrichment === null ? 'It does not enrich any more.' : passLines(enrichment).join('\n'));
          output.result({ pipeline: options.pipeline, enrichment });
          return;
        }
        const coverage = await askLedger(temporal, taskQueue, {
          kind: 'coverage',
          pipeline: options.pipeline,
          from,
          to,
        });
        output.print(coverageStrip(coverage));
        output.result(coverage);
      });
    });
  for (const option of taskQueueOptions()) command.addOption(option);
  return command;
}

/** A strip for the whole span, and a line for each stretch. */
function coverageStrip({ from, to, stretches }: Coverage): string {
  const start = Date.parse(from);
  const length = Date.parse(to) - start;
  const strip = Array.from({ length: WIDTH }, (_, column) => {
    const left = start + (length * column) / WIDTH;
    const right = start + (length * (column + 1)) / WIDTH;
    const here = new Set(
      stretches.filter((one) => Date.parse(one.from) < right && Date.parse(one.to) > left).map(({ state }) => state),
    );
    return SIGNS.find(([state]) => here.has(state))?.[1] ?? ' ';
  }).join('');
  const legend = SIGNS.map(([state, sign]) => `${sign} ${state}`).join('   ');
  return [
    `${shortTime(from)} ${'-'.repeat(Math.max(0, WIDTH - 42))} ${shortTime(to)}`,
    strip,
    legend,
    ...stretches.map(line),
  ].join('\n');
}

function line({ from, to, state, kind, windows, reason }: Stretch): string {
  const which = windows === 0 ? '' : ` (${windows} ${kind ?? ''} window${windows === 1 ? '' : 's'})`;
  return `${state.padEnd(8)} ${shortTime(from)} to ${shortTime(to)}${which}${reason === null ? '' : `: ${reason}`}`;
}
