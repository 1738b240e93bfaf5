import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { cacheFolder } from '../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../client/dev-server/locate-temporal.ts';
import { startDevServer } from '../client/dev-server/start-dev-server.ts';
import { lastLine, type Stack, startStack } from '../test/e2e/stack.ts';
import { type Histories, historiesOf } from './histories.ts';
import { memoryOf, watchMemory } from './process-memory.ts';

interface Figures {
  readonly windows: number;
  readonly rows: number;
  readonly indicators: number;
  readonly seconds: number;
  readonly peak: number;
  readonly settled: number;
  readonly histories: Histories;
  readonly duplicates: number;
  readonly confirmed: number;
  readonly holds: number;
  readonly republish: {
    readonly rows: number;
    readonly seconds: number;
    readonly lookUps: number;
    readonly deliveries: number;
  };
}

/** The same crowd in every window, whatever the size: so the sizes differ in how long the history is, and in nothing else. */
const INDICATORS_AN_HOUR = 5_000;
const HOUR_MS = 3_600_000;

export function backfillBench(): Command {
  return new Command('backfill')
    .description('loads generated indicators by a backfill, then reads them all again as a republish')
    .argument('[sizes...]', 'how many indicators, one run for each', ['100000', '1000000'])
    .action(async (sizes: string[]) => {
      const figures: Figures[] = [];
      for (const size of sizes) figures.push(await measure(Number(size)));
      process.stdout.write(`${summary(figures)}\n`);
    });
}

async function measure(indicators: number): Promise<Figures> {
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const { path } = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say });
  const server = await startDevServer({
    binary: path,
    dbFile: `${process.cwd()}/.mdti-sync/bench-${Date.now()}.db`,
    searchAttributes: {},
  });
  const stack = await startStack({
    address: server.address,
    sandbox: ['--indicators', String(indicators), '--ingested-over', `${hoursOf(indicators)}h`],
    // Everything is history here: the live pipeline begins now.
    source: { since: '1m', window: '6h' },
    destination: { approval: 'bypass', confirmFor: '5m' },
  });
  try {
    return await load(stack, indicators);
  } finally {
    await stack.close();
    await server.stop();
  }
}

async function load(stack: Stack, indicators: number): Promise<Figures> {
  const worker = await stack.startWorker();
  const pid = worker.child.pid ?? 0;
  const watched = watchMemory(pid);
  const now = Date.now();
  const from = now - (hoursOf(indicators) + 1) * HOUR_MS;
  const span = ['--from', new Date(from).toISOString(), '--to', new Date(now).toISOString()];
  const loaded = lastLine(await stack.command('backfill', '--pipeline', stack.pipeline, ...span, '--yes', '--json'));
  const settled = watched.stop();
  const { peak } = await memoryOf(pid);
  const histories = await historiesOf(stack.temporal, stack.pipeline);
  const before = await counts(stack);

  await stack.control('POST', '/republish');
  const again = await stack.sync();
  const after = await counts(stack);
  return {
    windows: Number(loaded['windows']),
    rows: Number(loaded['rows']),
    indicators,
    seconds: Number(loaded['seconds']),
    confirmed: Number(loaded['confirmed']),
    peak,
    settled,
    histories,
    duplicates: after.duplicates,
    holds: after.holds,
    republish: {
      rows: Number(again['rows']),
      seconds: Number(again['seconds']),
      lookUps: after.lookUps - before.lookUps,
      deliveries: after.deliveries - before.deliveries,
    },
  };
}

function hoursOf(indicators: number): number {
  return Math.ceil(indicators / INDICATORS_AN_HOUR);
}

async function counts(
  stack: Stack,
): Promise<{ holds: number; duplicates: number; lookUps: number; deliveries: number }> {
  const told = await stack.control('GET', '/counts');
  if (typeof told !== 'object' || told === null) throw new Error('The sandbox does not tell its counts.');
  const all = new Map<string, unknown>(Object.entries(told));
  const requests = new Map<string, unknown>(Object.entries(all.get('requests') ?? {}));
  const of = (key: string): number => Number(all.get(key));
  return {
    holds: of('holds'),
    duplicates: of('duplicates'),
    lookUps: of('lookUps'),
    deliveries: Number(requests.get('threatstream')),
  };
}

function summary(figures: readonly Figures[]): string {
  const n = (value: number, digits = 0): string => value.toLocaleString('en', { maximumFractionDigits: digits });
  const row = (name: string, of: (one: Figures) => string): string => `| ${name} | ${figures.map(of).join(' | ')} |`;
  const thousands = (one: Figures): number => one.rows / 1_000;
  return [
    `Machine: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${n(totalmem() / 2 ** 30)} GiB; Node ${process.versions.node}; everything (Temporal, sandbox, worker) on it.`,
    '',
    row('', (one) => `${n(one.indicators)} indicators`),
    `| --- |${figures.map(() => ' ---: |').join('')}`,
    row('windows of 6 hours', (one) => n(one.windows)),
    row('rows read', (one) => n(one.rows)),
    row('confirmed / held by the sandbox', (one) => `${n(one.confirmed)} / ${n(one.holds)}`),
    row('arrived twice, by the sandbox', (one) => n(one.duplicates)),
    row('seconds', (one) => n(one.seconds, 1)),
    row('rows a second', (one) => n(one.rows / one.seconds)),
    row("worker's resident memory, peak (MB)", (one) => n(one.peak)),
    row("worker's resident memory, median of the second half (MB)", (one) => n(one.settled)),
    row('Temporal events for 1,000 rows', (one) => n(one.histories.events / thousands(one), 1)),
    row('Temporal bytes for 1,000 rows', (one) => n(one.histories.bytes / thousands(one))),
    row('largest history', (one) => `${n(one.histories.largestEvents)} events, ${n(one.histories.largestBytes)} bytes`),
    row('republish: rows a second', (one) => n(one.republish.rows / one.republish.seconds)),
    row('republish: look-ups, deliveries', (one) => `${n(one.republish.lookUps)}, ${n(one.republish.deliveries)}`),
  ].join('\n');
}
