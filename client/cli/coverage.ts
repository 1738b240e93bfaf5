import { Command } from 'commander';
import type { Coverage, Stretch } from '../../workflows/ask.ts';
import { shortTime } from '../../workflows/names.ts';
import { askLedger } from '../ask-ledger.ts';
import { createOutput } from './output.ts';
import { pipelineOption, taskQueueOption } from './pipeline-option.ts';
import { instant } from './time-options.ts';
import { withTemporal } from './with-temporal.ts';

interface CoverageOptions {
  readonly pipeline: string;
  readonly from?: string;
  readonly to?: string;
  readonly taskQueue: string;
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
  return new Command('coverage')
    .description("a pipeline's windows laid end to end: what is done, running, abandoned, failed or missing")
    .addOption(pipelineOption())
    .option('--from <time>', `from here on (default: ${DAYS_BACK} days ago)`, instant)
    .option('--to <time>', 'up to here (default: now)', instant)
    .addOption(taskQueueOption())
    .option('--json', 'print one JSON object')
    .action(async (options: CoverageOptions) => {
      const output = createOutput(options.json === true);
      const now = Date.now();
      const from = options.from ?? instant(new Date(now - DAYS_BACK * 86_400_000).toISOString());
      const to = options.to ?? instant(new Date(now).toISOString());
      await withTemporal(async (temporal) => {
        const coverage = await askLedger(temporal, options.taskQueue, {
          kind: 'coverage',
          pipeline: options.pipeline,
          from,
          to,
        });
        output.print(coverageStrip(coverage));
        output.result(coverage);
      });
    });
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
