import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { ask } from '../workflows/ask.ts';
import type { Bench, Figure, Section } from './figure.ts';
import { LEDGER_KINDS, type Ledger, openLedgers } from './ledgers.ts';
import { n, spread, table } from './markdown.ts';
import { count } from './options.ts';
import { memoryOf } from './process-memory.ts';
import { type Product, pidOf, startProduct } from './product.ts';
import { spreadOf } from './statistics.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

interface Options {
  readonly runs: number;
  readonly rest: number;
}

export function startupFigure(): Figure {
  const command = new Command('startup')
    .description('from the start of a worker to its first activity, and its memory at rest')
    .option('--runs <count>', 'of each', count, 5)
    .option('--rest <seconds>', 'before memory is read', count, 10);
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

interface Start {
  /** From the start of the process to the start of its first activity, by Temporal's clock. */
  readonly seconds: number;
  /** Resident, in MB. */
  readonly atRest: number;
  readonly peak: number;
}

interface Starts {
  readonly name: string;
  readonly starts: readonly Start[];
}

async function measure(bench: Bench, options: Options): Promise<Section> {
  const ledgers = await openLedgers(bench, LEDGER_KINDS);
  const temporal = await startTemporalServer(bench);
  const all: Starts[] = [];
  for (const ledger of ledgers) all.push(...(await measureLedger(bench, options, ledger, temporal)));
  return sectionOf(options, all);
}

async function measureLedger(
  { scope, say }: Bench,
  { runs, rest }: Options,
  ledger: Ledger,
  temporal: TemporalServer,
): Promise<readonly Starts[]> {
  const first: Start[] = [];
  const second: Start[] = [];
  for (let run = 1; run <= runs; run += 1) {
    await scope.within(async (inner) => {
      const product = await startProduct(inner, { temporal, ledger });
      first.push(await startOnce(product, rest));
      second.push(await startOnce(product, rest));
    });
    say(
      `${ledger.name}, run ${run}: ${n(first.at(-1)?.seconds ?? 0, 2)} s, then ${n(second.at(-1)?.seconds ?? 0, 2)} s`,
    );
  }
  return [
    { name: `${ledger.name}, new`, starts: first },
    { name: `${ledger.name}, again`, starts: second },
  ];
}

/** A question waits for the worker, so that its first activity comes as early as it can. */
async function startOnce({ stack, startWorker }: Product, rest: number): Promise<Start> {
  const { client } = stack.temporal;
  const handle = await client.workflow.start<typeof ask>('ask', {
    taskQueue: `queue of ${stack.pipeline}`,
    workflowId: `bench/startup/${stack.pipeline}`,
    args: [{ kind: 'status', pipeline: stack.pipeline }],
  });
  const begun = Date.now();
  const worker = await startWorker();
  await handle.result();
  const { events } = await handle.fetchHistory();
  const at = events?.find((event) => event.activityTaskStartedEventAttributes)?.eventTime;
  if (at?.seconds === undefined || at.seconds === null)
    throw new Error('The question was answered without an activity.');
  const startedAt = Number(at.seconds) * 1_000 + (at.nanos ?? 0) / 1_000_000;
  await sleep(rest * 1_000);
  const { now, peak } = await memoryOf(pidOf(worker));
  await worker.stop();
  return { seconds: (startedAt - begun) / 1_000, atRest: now, peak };
}

function sectionOf({ runs, rest }: Options, all: readonly Starts[]): Section {
  return {
    heading: 'Starting a worker (startup)',
    blocks: [
      `From the start of \`mdti-sync worker\` to the start of its first activity, which waits for it, and resident memory ${rest} s after that; ${n(runs)} starts of each, median (least to most). A new ledger is made, or migrated, first.`,
      table(
        ['ledger', 'first activity after, s', 'memory at rest, MB', 'at most, MB'],
        all.map(({ name, starts }) => [
          name,
          spread(spreadOf(starts.map(({ seconds }) => seconds)), 2),
          spread(spreadOf(starts.map(({ atRest }) => atRest))),
          spread(spreadOf(starts.map(({ peak }) => peak))),
        ]),
      ),
    ],
    data: { options: { runs, rest }, starts: all },
  };
}
