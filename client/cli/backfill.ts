import { createInterface } from 'node:readline/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { BackfillEstimate } from '../../workflows/ask.ts';
import { shortTime } from '../../workflows/names.ts';
import { askLedger } from '../ask-ledger.ts';
import { runningBackfills, startBackfill, steerRun, type Wish } from '../backfills.ts';
import { followRun } from '../follow-run.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';
import { pipelineOption, taskQueueOption } from './pipeline-option.ts';
import { createProgressLine } from './progress-line.ts';
import { showEnd } from './run-end.ts';
import { instant, lengthOfTime } from './time-options.ts';
import { withTemporal } from './with-temporal.ts';

interface BackfillOptions {
  readonly pipeline?: string;
  readonly from?: string;
  readonly to?: string;
  readonly window?: number;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly detach?: true;
  readonly taskQueue: string;
  readonly json?: true;
}

/** A count over years of history may take the source minutes. */
const ESTIMATE_MS = 30 * 60_000;

export function backfillCommand(): Command {
  return new Command('backfill')
    .description(
      'read a stretch of history: says what it will do, asks, then runs as one workflow; only what is missing is done',
    )
    .option('--pipeline <name>', 'the pipeline, as it is named in the configuration')
    .option('--from <time>', 'the beginning, by ingestion time: 2026-01-31, or 2026-01-31T08:00:00Z', instant)
    .option('--to <time>', 'the end, not included', instant)
    .option('--window <length>', 'longest window (default: what the configuration says)', lengthOfTime)
    .option('--dry-run', 'only say what it would do')
    .option('--yes', 'do not ask')
    .option('--detach', 'start it and leave it to run')
    .addOption(taskQueueOption())
    .option('--json', 'print one JSON object as the last line of standard output')
    .action(start)
    .addCommand(steering('pause', 'let running batches end and start no more', () => ({ kind: 'pause' })))
    .addCommand(
      steering('resume', 'go on after a pause, or try again at once when blocked', () => ({ kind: 'resume' })),
    )
    .addCommand(
      steering('cancel', 'stop it; another one over the same stretch goes on from there', () => ({ kind: 'cancel' })),
    )
    .addCommand(
      steering('concurrency', 'batches side by side in each window', (lanes) => ({
        kind: 'concurrency',
        lanes: lanes ?? 1,
      })).argument('<lanes>', '1 to 100', lanesOf),
    );
}

async function start(options: BackfillOptions): Promise<void> {
  const { pipeline, from, to } = options;
  if (pipeline === undefined || from === undefined || to === undefined) {
    throw new CommandError('A backfill needs --pipeline, --from and --to.', EXIT.usage);
  }
  if (from >= to) throw new CommandError('--from must be before --to.', EXIT.usage);
  const output = createOutput(options.json === true);
  const signal = interruptSignal(output.say);
  const windowMs = options.window ?? null;
  await withTemporal(async (temporal) => {
    const estimate = await askLedger(
      temporal,
      options.taskQueue,
      { kind: 'estimate', pipeline, from, to, windowMs },
      ESTIMATE_MS,
    );
    output.say(inWords(estimate));
    if (options.dryRun === true) {
      output.result({ dryRun: true, estimate });
      return;
    }
    await agree(options.yes === true, output);
    const workflowId = await startBackfill(temporal, options.taskQueue, { pipeline, from, to, windowMs });
    output.say(`Started ${workflowId}.`);
    if (options.detach === true) {
      output.result({ workflowId, estimate });
      return;
    }
    const begun = performance.now();
    const line = createProgressLine(output);
    const end = await followRun(temporal, workflowId, (progress) => line.show(progress), signal).finally(() =>
      line.end(),
    );
    showEnd({ workflowId, end, seconds: (performance.now() - begun) / 1_000 }, output);
  });
}

function inWords({ pipeline, from, to, windows, windowsDone, rows, hosts, requests, hours }: BackfillEstimate): string {
  const n = (count: number): string => Math.ceil(count).toLocaleString('en');
  const h = (value: number): string => (value < 1 ? `${Math.ceil(value * 60)} min` : `${value.toFixed(1)} h`);
  return [
    `Backfill of ${pipeline}, ${shortTime(from)} to ${shortTime(to)}:`,
    `  windows      ${n(windows)} to do, ${n(windowsDone)} done already`,
    `  rows         ${n(rows)} at most, ${n(hosts)} of them about hosts that may need a look-up`,
    `  requests     Log Analytics ${n(requests.logAnalytics)}, MDTI ${n(requests.mdti)}, destination about ${n(requests.destination)}`,
    `  time         at the configured rates: Log Analytics ${h(hours.logAnalytics)}, MDTI ${h(hours.mdti)}, destination ${h(hours.destination)}; they run side by side`,
  ].join('\n');
}

async function agree(yes: boolean, output: Output): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !output.terminal) {
    throw new CommandError('Nobody is there to ask: say --yes to start it, or --dry-run to only see this.', EXIT.usage);
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question('Start it? [y/N] ').finally(() => lines.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Not started.', EXIT.failed);
}

function steering(name: string, description: string, wish: (lanes: number | undefined) => Wish): Command {
  return new Command(name)
    .description(description)
    .addOption(pipelineOption())
    .action(async (...given: unknown[]) => {
      const [lanes] = given;
      const command = given.at(-1);
      const pipeline = command instanceof Command ? String(command.opts()['pipeline']) : '';
      await withTemporal(async (temporal) => {
        const running = await runningBackfills(temporal, pipeline);
        if (running.length === 0) throw new CommandError(`No backfill of ${pipeline} is running.`, EXIT.failed);
        for (const workflowId of running) {
          await steerRun(temporal, workflowId, wish(typeof lanes === 'number' ? lanes : undefined));
          process.stderr.write(`${name}: ${workflowId}\n`);
        }
      });
    });
}

function lanesOf(text: string): number {
  const lanes = Number(text);
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 100)
    throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
  return lanes;
}
