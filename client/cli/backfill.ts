import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { BackfillEstimate } from '../../workflows/ask.ts';
import { shortTime } from '../../workflows/names.ts';
import { askLedger, NotAnsweredYet } from '../ask-ledger.ts';
import { startBackfill, steerRun, type Wish } from '../backfills.ts';
import { followRun } from '../follow-run.ts';
import { runningIds } from '../running-runs.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';
import { pipelineOption } from './pipeline-option.ts';
import { createProgressLine } from './progress-line.ts';
import { showEnd } from './run-end.ts';
import { shipmentWords } from './shipment-words.ts';
import { chosenTaskQueue, type TaskQueueChoice, taskQueueOptions } from './task-queue.ts';
import { instant, lengthOfTime } from './time-options.ts';
import { withTemporal } from './with-temporal.ts';

interface BackfillOptions extends TaskQueueChoice {
  readonly pipeline?: string;
  readonly from?: string;
  readonly to?: string;
  readonly window?: number;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly detach?: true;
  readonly json?: true;
}

/** A count over years of history may take the source minutes. */
const ESTIMATE_MS = 30 * 60_000;

export function backfillCommand(): Command {
  const command = new Command('backfill')
    .description(
      'read a stretch of history: says what it will do, asks, then runs as one workflow; only what is missing is done',
    )
    .addOption(pipelineOption())
    .option('--from <time>', 'the beginning, by ingestion time: 2026-01-31, or 2026-01-31T08:00:00Z', instant)
    .option('--to <time>', 'the end, not included', instant)
    .option(
      '--window <length>',
      'longest window (default: what the configuration says)',
      lengthOfTime({ min: '1m', max: '7d' }),
    )
    .option('--dry-run', 'only say what it would do')
    .option('--yes', 'do not ask')
    .option('--detach', 'start it and leave it to run')
    .option('--json', 'print one JSON object as the last line of standard output')
    .action(start)
    .addCommand(
      steering('pause', 'read and deliver no more; what is under way comes to its end', () => ({ kind: 'pause' })),
    )
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
  for (const option of taskQueueOptions()) command.addOption(option);
  return command;
}

async function start(options: BackfillOptions): Promise<void> {
  const { pipeline, from, to } = options;
  if (pipeline === undefined || from === undefined || to === undefined) {
    throw new CommandError('A backfill needs --pipeline, --from and --to.', EXIT.usage);
  }
  if (from >= to) throw new CommandError('--from must be before --to.', EXIT.usage);
  const output = createOutput(options.json === true);
  const signal = interruptSignal(output.say);
  const taskQueue = await chosenTaskQueue(options);
  const windowMs = options.window ?? null;
  await withTemporal(async (temporal) => {
    const question = { kind: 'estimate', pipeline, from, to, windowMs } as const;
    const estimate = await estimateOf(options.dryRun === true, output, () =>
      askLedger(temporal, taskQueue, question, { timeoutMs: ESTIMATE_MS, signal }),
    );
    if (options.dryRun === true) {
      output.result({ dryRun: true, estimate });
      return;
    }
    await agree(options.yes === true, output, signal);
    const workflowId = await startBackfill(temporal, taskQueue, { pipeline, from, to, windowMs });
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

/** Says what there is to do. What cannot be counted in time can be read nevertheless: only `--dry-run` ends with that. */
async function estimateOf(
  isAll: boolean,
  output: Output,
  ask: () => Promise<BackfillEstimate>,
): Promise<BackfillEstimate | null> {
  output.say('Counting what there is to read.');
  try {
    const estimate = await ask();
    output.say(inWords(estimate));
    return estimate;
  } catch (error) {
    if (!(error instanceof NotAnsweredYet)) throw error;
    const sentence = `There is no estimate: ${error.message} A shorter stretch takes less; a backfill needs no estimate.`;
    if (isAll) throw new CommandError(sentence, EXIT.failed, { cause: error });
    output.say(sentence);
    return null;
  }
}

function inWords(estimate: BackfillEstimate): string {
  const { pipeline, from, to, windows, windowsDone, rows, indicators, hosts, deliveries } = estimate;
  const { shipments, shipmentName, requests, hours } = estimate;
  const n = (count: number): string => Math.ceil(count).toLocaleString('en');
  const h = (value: number): string => (value < 1 ? `${Math.ceil(value * 60)} min` : `${value.toFixed(1)} h`);
  return [
    `Backfill of ${pipeline}, ${shortTime(from)} to ${shortTime(to)}:`,
    `  windows      ${n(windows)} to do, ${n(windowsDone)} done already`,
    `  rows         ${n(rows)}, by a sample of them about ${n(indicators)} indicators that are new or changed, and ${n(hosts)} hosts to look up`,
    `  deliveries   about ${n(deliveries)}, less what its reputation holds back`,
    ...(shipments === undefined
      ? []
      : [`  in           about ${n(shipments)} ${shipmentWords(shipmentName, shipments)}`]),
    `  requests     about: Log Analytics ${n(requests.logAnalytics)}, MDTI ${n(requests.mdti)}, destination ${n(requests.destination)}`,
    `  time         at the configured rates: Log Analytics ${h(hours.logAnalytics)}, MDTI ${h(hours.mdti)}, destination ${h(hours.destination)}; they run side by side`,
  ].join('\n');
}

async function agree(yes: boolean, output: Output, signal: AbortSignal): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !output.terminal) {
    throw new CommandError('Nobody is there to ask: say --yes to start it, or --dry-run to only see this.', EXIT.usage);
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal in this mode gives Ctrl-C to us alone; Ctrl-D ends the asking without an answer.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = once(lines, 'close').then(() => '');
  const asked = lines.question('Start it? [y/N] ', { signal }).catch(() => '');
  const answer = await Promise.race([asked, closed]).finally(() => lines.close());
  signal.throwIfAborted();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Not started.', EXIT.failed);
}

function steering(name: string, description: string, wish: (lanes: number | undefined) => Wish): Command {
  return new Command(name)
    .description(description)
    .addOption(pipelineOption().makeOptionMandatory())
    .action(async (...given: unknown[]) => {
      const [lanes] = given;
      const command = given.at(-1);
      const pipeline = command instanceof Command ? String(command.opts()['pipeline']) : '';
      await withTemporal(async (temporal) => {
        const running = await runningIds(temporal, pipeline, ['backfill']);
        if (running.length === 0) throw new CommandError(`No backfill of ${pipeline} is running.`, EXIT.failed);
        for (const workflowId of running) {
          await steerRun(temporal, workflowId, wish(typeof lanes === 'number' ? lanes : undefined));
          process.stderr.write(`${name}: ${workflowId}\n`);
        }
      });
    });
}

function lanesOf(text: string): number {
  const lanes = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (lanes < 1 || lanes > 100) throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
  return lanes;
}
