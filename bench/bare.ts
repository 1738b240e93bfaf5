import { Command, Option } from 'commander';
import { openAdapters } from './adapters.ts';
import { type BareRun, bareLoop } from './bare-loop.ts';
import type { Bench, Figure, Section } from './figure.ts';
import { LEDGER_KINDS, type Ledger, type LedgerKind, openLedgers } from './ledgers.ts';
import { list, n, spread, table } from './markdown.ts';
import { count } from './options.ts';
import { countProcessorTime, type Processes } from './process-cpu.ts';
import { pidOf, type SyncRun, startProduct } from './product.ts';
import { difference, type SandboxCounts, sandboxCounts } from './sandbox-counts.ts';
import { mean, type Spread, spreadOf } from './statistics.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

interface Options {
  readonly indicators: number;
  readonly runs: number;
  readonly ledgers: readonly LedgerKind[];
  readonly settings: readonly Setting[];
  readonly latency: number;
  readonly graphPerSecond: number;
  readonly threatstreamPerSecond: number;
  readonly approval: string;
}

const SETTINGS = ['limits', 'none'] as const;
type Setting = (typeof SETTINGS)[number];

export function bareFigure(): Figure {
  const command = new Command('bare')
    .description('end to end against a bare loop: the same adapters and batches, no Temporal, no ledger')
    .option('--indicators <count>', 'in each run', count, 100_000)
    .option('--runs <count>', 'of each, in turn', count, 3)
    .addOption(new Option('--ledgers <kinds...>', 'to measure on').choices(LEDGER_KINDS).default([...LEDGER_KINDS]))
    .addOption(
      new Option('--settings <names...>', 'limits: with latency and the limits of the APIs; none: with neither')
        .choices(SETTINGS)
        .default([...SETTINGS]),
    )
    .option('--latency <ms>', 'of each answer, with limits', count, 20)
    .option('--graph-per-second <count>', 'look-ups, with limits', count, 2_000)
    .option('--threatstream-per-second <count>', 'requests, with limits', count, 5)
    .option('--approval <way>', "the destination's approval", 'bypass');
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

const APIS = ['logs', 'graph', 'threatstream'] as const;

/** One of the two, in one run. */
interface Measured {
  readonly seconds: number;
  readonly indicators: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly seen: SandboxCounts;
  /** Processor seconds by process. */
  readonly processor: Readonly<Record<string, number>>;
}

interface Pair {
  readonly setting: Setting;
  readonly ledger: string;
  readonly product: readonly Measured[];
  readonly bare: readonly Measured[];
}

async function measure(bench: Bench, options: Options): Promise<Section> {
  const ledgers = await openLedgers(bench, options.ledgers);
  const temporal = await startTemporalServer(bench);
  const pairs: Pair[] = [];
  for (const setting of options.settings) {
    for (const ledger of ledgers) pairs.push(await measurePair(bench, options, { setting, ledger, temporal }));
  }
  return sectionOf(options, pairs);
}

async function measurePair(
  { scope, say }: Bench,
  options: Options,
  { setting, ledger, temporal }: { setting: Setting; ledger: Ledger; temporal: TemporalServer },
): Promise<Pair> {
  return scope.within(async (inner) => {
    const { startWorker, generate, sync, stack, processes } = await startProduct(inner, {
      temporal,
      ledger,
      ...stackOf(setting, options),
    });
    const worker = pidOf(await startWorker());
    const adapters = await openAdapters(inner, stack);
    const productProcesses = { worker, ...processes };
    const bareProcesses = { 'bare loop': process.pid, sandbox: pidOf(stack.sandboxProcess) };
    const watched = async (of: Processes, run: () => Promise<SyncRun | BareRun>): Promise<Measured> => {
      const before = await sandboxCounts(stack);
      const processorTime = await countProcessorTime(of);
      const done = await run();
      const processor = await processorTime();
      const seen = difference(await sandboxCounts(stack), before);
      const { seconds } = done;
      if (!('counts' in done)) return { ...done, seen, processor };
      const { confirmed, rejected, new: fresh, changed } = done.counts;
      return { seconds, indicators: fresh + changed, confirmed, rejected, seen, processor };
    };

    const round = async (indicators: number, productFirst: boolean): Promise<readonly [Measured, Measured]> => {
      const window = await generate(indicators);
      const product = () => watched(productProcesses, sync);
      const bare = () => watched(bareProcesses, () => bareLoop(adapters, window));
      if (productFirst) return [await product(), await bare()];
      const second = await bare();
      return [await product(), second];
    };

    say(`${setting}, ${ledger.name}: warming up`);
    await round(Math.min(options.indicators, 3_000), true);
    const rounds: (readonly [Measured, Measured])[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      const [product, bare] = await round(options.indicators, run % 2 === 1);
      rounds.push([product, bare]);
      say(
        `${setting}, ${ledger.name}, run ${run}: product ${n(product.seconds, 1)} s, bare loop ${n(bare.seconds, 1)} s`,
      );
    }
    return {
      setting,
      ledger: ledger.name,
      product: rounds.map(([product]) => product),
      bare: rounds.map(([, bare]) => bare),
    };
  });
}

/** The product is set to what the sandbox allows. */
function stackOf(setting: Setting, { latency, graphPerSecond, threatstreamPerSecond, approval }: Options) {
  if (setting === 'none') {
    return {
      sandbox: ['--logs-concurrent', '100', '--logs-per-30s', '1000000'],
      destination: { approval },
    };
  }
  const limits = ['--graph-per-second', `${graphPerSecond}`, '--tip-per-second', `${threatstreamPerSecond}`];
  return {
    sandbox: ['--latency', `${latency}`, ...limits],
    logAnalytics: { per30Seconds: 200 },
    mdti: { requestsPerSecond: graphPerSecond },
    destination: { approval, requestsPerSecond: threatstreamPerSecond },
  };
}

function sectionOf(options: Options, pairs: readonly Pair[]): Section {
  const { indicators, runs, latency, graphPerSecond, threatstreamPerSecond, approval } = options;
  const seconds = (all: readonly Measured[]): Spread => spreadOf(all.map((one) => one.seconds));
  const ratio = ({ product, bare }: Pair): number => seconds(product).median / seconds(bare).median;
  const rate = (all: readonly Measured[]): number => spreadOf(all.map((one) => one.indicators / one.seconds)).median;
  const requests = (all: readonly Measured[]): string =>
    APIS.map((api) => n(mean(all.map(({ seen }) => seen.requests[api])))).join(' / ');
  const refused = (all: readonly Measured[]): string =>
    n(
      APIS.map((api) => mean(all.map(({ seen }) => seen.throttled[api]))).reduce((sum, each) => sum + each, 0),
      1,
    );
  const work = (all: readonly Measured[]): string =>
    `${n(mean(all.map((one) => one.indicators)))} / ${n(mean(all.map((one) => one.confirmed)))}`;
  const name = ({ setting, ledger }: Pair): string => `${setting}, ${ledger}`;
  return {
    heading: `The product against a bare loop, ${n(indicators)} indicators (bare)`,
    blocks: [
      `The bare loop is the product's own adapters, queries, batches, requests and concurrency in one process that remembers nothing. Both work through the same newly generated rows (a little over half are hosts), in turn, each first every other time; ${n(runs)} runs, median (least to most). Approval: ${approval}.`,
      list([
        `limits: ${latency} ms for every answer; Log Analytics 5 queries at once and 200 in 30 seconds, MDTI ${n(graphPerSecond)} look-ups and ThreatStream ${n(threatstreamPerSecond)} requests a second, which the sandbox enforces and both keep to. (Those of Log Analytics are documented. For MDTI, 2,000 is what Graph's older documents allow an application over all; for ThreatStream nothing is published, and 5 is the product's default.)`,
        'none: no latency, no limits.',
      ]),
      table(
        ['', 'product, s', 'bare loop, s', 'ratio', 'product, indicators/s', 'bare loop, indicators/s'],
        pairs.map((pair) => [
          name(pair),
          spread(seconds(pair.product), 1),
          spread(seconds(pair.bare), 1),
          n(ratio(pair), 2),
          n(rate(pair.product)),
          n(rate(pair.bare)),
        ]),
      ),
      table(
        [
          '',
          'indicators / confirmed of the product',
          'of the bare loop',
          'requests of the product (logs / Graph / ThreatStream)',
          'of the bare loop',
          '429s of the product, mean',
          'of the bare loop',
        ],
        pairs.map((pair) => [
          name(pair),
          work(pair.product),
          work(pair.bare),
          requests(pair.product),
          requests(pair.bare),
          refused(pair.product),
          refused(pair.bare),
        ]),
      ),
      table(
        ['processor seconds, mean of a run', 'product', 'bare loop'],
        pairs.map((pair) => [name(pair), processorOf(pair.product), processorOf(pair.bare)]),
      ),
    ],
    data: { options, pairs, ratios: pairs.map(ratio) },
  };
}

/** Mean processor seconds of a run, by process. */
function processorOf(all: readonly Measured[]): string {
  return Object.keys(all[0]?.processor ?? {})
    .map((process) => `${process} ${n(mean(all.map(({ processor }) => processor[process] ?? 0)), 1)}`)
    .join(', ');
}
