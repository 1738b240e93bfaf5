import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type ThreadProfile, threadProfiles } from './cpu-profile.ts';
import type { Bench, Figure, Section } from './figure.ts';
import { type Ledger, openPostgres } from './ledgers.ts';
import { n, spread, table } from './markdown.ts';
import { count, countOrNone, counts } from './options.ts';
import { countProcessorTime, type Processes } from './process-cpu.ts';
import { type Product, pidOf, startProduct } from './product.ts';
import { mean, type Spread, spreadOf } from './statistics.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

interface Options {
  readonly indicators: number;
  readonly runs: number;
  readonly workers: readonly number[];
  readonly lanes: number;
  readonly latency: number;
}

export function workersFigure(): Figure {
  const command = new Command('workers')
    .description('1, 2 and 4 worker processes on PostgreSQL: how it scales, and what bounds it; with a profile')
    .option('--indicators <count>', 'in each run', count, 100_000)
    .option('--runs <count>', 'with each number of workers', count, 3)
    .option('--workers <counts>', 'numbers of workers, with commas between', counts, [1, 2, 4])
    .option('--lanes <count>', 'batches under way at once', count, 10)
    .option('--latency <ms>', 'of each answer; no limits', countOrNone, 0);
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

interface Scaled {
  readonly workers: number;
  /** Indicators a second. */
  readonly rate: Spread;
  readonly seconds: Spread;
  /** Mean processor seconds of a run; all workers together. */
  readonly processor: Readonly<Record<string, number>>;
}

const WARM_UP = 3_000;
const FUNCTIONS = 10;

async function measure(bench: Bench, options: Options): Promise<Section> {
  const ledger = await openPostgres(bench);
  const temporal = await startTemporalServer(bench);
  const scaled: Scaled[] = [];
  for (const workers of options.workers)
    scaled.push(await measureScaled(bench, options, { workers, ledger, temporal }));
  const profiles = await profile(bench, options, { ledger, temporal });
  return sectionOf(options, ledger, scaled, profiles);
}

function startWith(
  scope: Bench['scope'],
  { latency, lanes }: Options,
  { ledger, temporal }: { ledger: Ledger; temporal: TemporalServer },
): Promise<Product> {
  return startProduct(scope, {
    temporal,
    ledger,
    sandbox: ['--latency', `${latency}`, '--logs-per-30s', '1000000', '--logs-concurrent', '100'],
    destination: { approval: 'bypass' },
    settings: { lanes },
  });
}

async function measureScaled(
  { scope, say }: Bench,
  options: Options,
  { workers, ...on }: { workers: number; ledger: Ledger; temporal: TemporalServer },
): Promise<Scaled> {
  return scope.within(async (inner) => {
    const { startWorker, generate, sync, processes } = await startWith(inner, options, on);
    const watched: Record<string, number> = { ...processes };
    for (let worker = 1; worker <= workers; worker += 1) watched[`worker ${worker}`] = pidOf(await startWorker());
    say(`${workers} workers: warming up`);
    await generate(Math.min(options.indicators, WARM_UP * workers));
    await sync();
    const runs: { readonly seconds: number; readonly rate: number; readonly processor: Processes }[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      await generate(options.indicators);
      const processorTime = await countProcessorTime(watched);
      const { seconds, counts: done } = await sync();
      const rate = (done.new + done.changed) / seconds;
      say(`${workers} workers, run ${run}: ${n(rate)} indicators/s`);
      runs.push({ seconds, rate, processor: await processorTime() });
    }
    return {
      workers,
      rate: spreadOf(runs.map(({ rate }) => rate)),
      seconds: spreadOf(runs.map(({ seconds }) => seconds)),
      processor: Object.fromEntries(
        Object.keys(watched).map((name) => [name, mean(runs.map(({ processor }) => processor[name] ?? 0))]),
      ),
    };
  });
}

/** One worker in a run of its own: being watched costs time. */
async function profile(
  { scope, say }: Bench,
  options: Options,
  on: { ledger: Ledger; temporal: TemporalServer },
): Promise<readonly ThreadProfile[]> {
  return scope.within(async (inner) => {
    const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-bench-profile-'));
    inner.add(() => rm(folder, { recursive: true, force: true }));
    const { startWorker, generate, sync } = await startWith(inner, options, on);
    const worker = await startWorker(['--cpu-prof', '--cpu-prof-dir', folder]);
    say('one worker, profiled');
    await generate(options.indicators);
    await sync();
    await worker.stop();
    return threadProfiles(folder, FUNCTIONS);
  });
}

function sectionOf(
  options: Options,
  ledger: Ledger,
  scaled: readonly Scaled[],
  profiles: readonly ThreadProfile[],
): Section {
  const { indicators, runs, lanes, latency } = options;
  const first = scaled[0];
  const others = Object.keys(first?.processor ?? {}).filter((name) => !name.startsWith('worker'));
  const all = ({ processor }: Scaled): number => Object.values(processor).reduce((sum, each) => sum + each, 0);
  const ofWorkers = (one: Scaled): number =>
    all(one) - others.reduce((sum, name) => sum + (one.processor[name] ?? 0), 0);
  return {
    heading: `Several workers on ${ledger.name}, ${n(indicators)} indicators (workers)`,
    blocks: [
      `${n(runs)} runs with each number of worker processes, median (least to most); ${n(lanes)} batches at once, ${latency} ms of latency, no limits, approval bypass. Processor seconds are the mean of a run; "busy" is all of them over what ${cpus().length} processors could give in that time: near 100 %, the machine bounds it and not the product's shape.`,
      table(
        [
          'workers',
          'indicators/s',
          'to one',
          'seconds',
          'busy',
          'CPU s: workers',
          ...others.map((name) => `CPU s: ${name}`),
        ],
        scaled.map((one) => [
          n(one.workers),
          spread(one.rate),
          n(one.rate.median / (first?.rate.median ?? Number.NaN), 2),
          spread(one.seconds, 1),
          `${n((100 * all(one)) / (one.seconds.median * cpus().length))} %`,
          n(ofWorkers(one), 1),
          ...others.map((name) => n(one.processor[name] ?? 0, 1)),
        ]),
      ),
      'A profile (`node --cpu-prof`) of one worker over one run, start included: the functions with the most time of their own, by thread. `(program)` is native code, the Temporal core among it.',
      ...profiles
        .filter(({ busySeconds }) => busySeconds >= 1)
        .map(({ busySeconds, top }) =>
          table(
            [`thread busy for ${n(busySeconds, 1)} s`, 's', 'share'],
            top.map(({ name, seconds, share }) => [`\`${name}\``, n(seconds, 2), `${n(100 * share, 1)} %`]),
          ),
        ),
    ],
    data: { options, ledger: ledger.name, scaled, profiles },
  };
}
