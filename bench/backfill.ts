import { Command } from 'commander';
import { lastLine } from '../test/e2e/stack.ts';
import type { Bench, Figure, Section } from './figure.ts';
import { type Histories, historiesOf } from './histories.ts';
import { PGLITE } from './ledgers.ts';
import { n, table } from './markdown.ts';
import { counts } from './options.ts';
import { memoryOf, watchMemory } from './process-memory.ts';
import { type Product, pidOf, startProduct } from './product.ts';
import { difference, type SandboxCounts, sandboxCounts } from './sandbox-counts.ts';
import { startTemporalServer } from './temporal-server.ts';

interface Options {
  readonly indicators: readonly number[];
}

export function backfillFigure(): Figure {
  const command = new Command('backfill')
    .description('loads generated indicators by a backfill, then reads them all again as a republish')
    .option('--indicators <counts>', 'one run for each, with commas between', counts, [100_000, 1_000_000]);
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

interface Loaded {
  readonly indicators: number;
  readonly windows: number;
  readonly rows: number;
  readonly seconds: number;
  readonly confirmed: number;
  readonly retracted: number;
  /** Resident memory of the worker, in MB: the most, and the median of the second half. */
  readonly peak: number;
  readonly settled: number;
  readonly histories: Histories;
  readonly seen: SandboxCounts;
  readonly republish: { readonly rows: number; readonly seconds: number; readonly seen: SandboxCounts };
}

/** The same crowd in every window, whatever the size: so the sizes differ in how long the history is, and in nothing else. */
const INDICATORS_AN_HOUR = 5_000;
const HOUR_MS = 3_600_000;

async function measure(bench: Bench, { indicators }: Options): Promise<Section> {
  const loaded: Loaded[] = [];
  for (const size of indicators) loaded.push(await measureSize(bench, size));
  return sectionOf(loaded);
}

async function measureSize(bench: Bench, indicators: number): Promise<Loaded> {
  return bench.scope.within(async (scope) => {
    const own = { ...bench, scope };
    bench.say(`a backfill of ${n(indicators)}`);
    const product = await startProduct(scope, {
      temporal: await startTemporalServer(own),
      ledger: PGLITE,
      sandbox: ['--indicators', String(indicators), '--ingested-over', `${hoursOf(indicators)}h`],
      // Everything is history here: the live pipeline begins now.
      source: { since: '1m', window: '6h' },
      destination: { approval: 'bypass', confirmFor: '5m' },
    });
    return load(product, indicators);
  });
}

async function load({ stack, startWorker }: Product, indicators: number): Promise<Loaded> {
  const pid = pidOf(await startWorker());
  const watched = watchMemory(pid);
  const now = Date.now();
  const from = now - (hoursOf(indicators) + 1) * HOUR_MS;
  const span = ['--from', new Date(from).toISOString(), '--to', new Date(now).toISOString()];
  const done = lastLine(await stack.command('backfill', '--pipeline', stack.pipeline, ...span, '--yes', '--json'));
  const settled = watched.stop();
  const { peak } = await memoryOf(pid);
  const histories = await historiesOf(stack.temporal, stack.pipeline);
  const seen = await sandboxCounts(stack);

  await stack.control('POST', '/republish');
  const again = await stack.sync();
  return {
    indicators,
    windows: Number(done['windows']),
    rows: Number(done['rows']),
    seconds: Number(done['seconds']),
    confirmed: Number(done['confirmed']),
    retracted: Number(done['retracted']),
    peak,
    settled,
    histories,
    seen,
    republish: {
      rows: Number(again['rows']),
      seconds: Number(again['seconds']),
      seen: difference(await sandboxCounts(stack), seen),
    },
  };
}

function hoursOf(indicators: number): number {
  return Math.ceil(indicators / INDICATORS_AN_HOUR);
}

function sectionOf(loaded: readonly Loaded[]): Section {
  const row = (name: string, of: (one: Loaded) => string): readonly string[] => [name, ...loaded.map(of)];
  const thousands = (one: Loaded): number => one.rows / 1_000;
  return {
    heading: 'A backfill, and a republish after it (backfill)',
    blocks: [
      `Generated rows, ${n(INDICATORS_AN_HOUR)} indicators an hour, loaded by a backfill in windows of 6 hours; then all of them published again and read by a live run. PGlite, approval bypass, no latency.`,
      table(
        ['', ...loaded.map(({ indicators }) => `${n(indicators)} indicators`)],
        [
          row('windows of 6 hours', (one) => n(one.windows)),
          row('rows read', (one) => n(one.rows)),
          row(
            'confirmed / withdrawn since / held by the sandbox',
            (one) => `${n(one.confirmed)} / ${n(one.retracted)} / ${n(one.seen.holds)}`,
          ),
          row('arrived twice, by the sandbox', (one) => n(one.seen.duplicates + one.republish.seen.duplicates)),
          row('seconds', (one) => n(one.seconds, 1)),
          row('rows a second', (one) => n(one.rows / one.seconds)),
          row("worker's resident memory, peak (MB)", (one) => n(one.peak)),
          row("worker's resident memory, median of the second half (MB)", (one) => n(one.settled)),
          row('Temporal events for 1,000 rows', (one) => n(one.histories.events / thousands(one), 1)),
          row('Temporal bytes for 1,000 rows', (one) => n(one.histories.bytes / thousands(one))),
          row(
            'largest history',
            (one) => `${n(one.histories.largestEvents)} events, ${n(one.histories.largestBytes)} bytes`,
          ),
          row('republish: rows a second', (one) => n(one.republish.rows / one.republish.seconds)),
          row(
            'republish: look-ups, deliveries',
            ({ republish: { seen } }) => `${n(seen.lookUps)}, ${n(seen.requests.threatstream)}`,
          ),
        ],
      ),
    ],
    data: { loaded },
  };
}
