import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Bench, Figure, Section } from './figure.ts';
import { type Ledger, openPostgres } from './ledgers.ts';
import { list, n, table } from './markdown.ts';
import { count } from './options.ts';
import { startProduct } from './product.ts';
import { type Recovery, readRecovery, readUsage, type Sample, type Storm, type Usage } from './rate-samples.ts';
import { sandboxCounts } from './sandbox-counts.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

interface Options {
  readonly indicators: number;
  readonly workers: number;
  readonly perSecond: number;
  readonly storm: number;
}

export function budgetFigure(): Figure {
  const command = new Command('budget')
    .description(
      'how much of an API’s limit several workers use together, how many of its answers are 429, and how soon it is used again after a storm of them',
    )
    .option('--indicators <count>', 'about half of them are looked up', count, 24_000)
    .option('--workers <count>', 'processes, on one PostgreSQL', count, 3)
    .option('--per-second <count>', 'look-ups that the sandbox allows in a second', count, 100)
    .option('--storm <seconds>', 'how long everything is answered with 429', count, 40);
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

/** What the setting says of the limit, as a multiple of it. */
const CASES = [
  { name: 'the setting is the limit', factor: 1 },
  { name: 'the setting is twice the limit: the pace has to find it', factor: 2 },
] as const;

async function measure(bench: Bench, options: Options): Promise<Section> {
  const ledger = await openPostgres(bench);
  const temporal = await startTemporalServer(bench);
  const usages: Usage[] = [];
  const recoveries: Recovery[] = [];
  for (const { name, factor } of CASES) {
    bench.say(`${options.workers} workers, ${options.perSecond} look-ups a second: ${name}`);
    const { samples } = await run(bench, options, { factor, ledger, temporal, isStormy: false });
    usages.push({ name, ...readUsage(samples, options.perSecond) });
  }
  for (const { name, factor } of CASES) {
    bench.say(`${options.storm} s of nothing but 429: ${name}`);
    const { samples, storm } = await run(bench, options, { factor, ledger, temporal, isStormy: true });
    recoveries.push({ name, ...readRecovery(samples, storm, options.perSecond) });
  }
  return sectionOf(options, ledger, usages, recoveries);
}

interface Run {
  readonly samples: readonly Sample[];
  readonly storm: Storm;
}

async function run(
  { scope }: Bench,
  { indicators, workers, perSecond, storm }: Options,
  {
    factor,
    ledger,
    temporal,
    isStormy,
  }: { factor: number; ledger: Ledger; temporal: TemporalServer; isStormy: boolean },
): Promise<Run> {
  return scope.within(async (inner) => {
    const { stack, startWorker, generate, sync } = await startProduct(inner, {
      temporal,
      ledger,
      sandbox: ['--graph-per-second', String(perSecond)],
      mdti: { lookUps: 'single', requestsPerSecond: perSecond * factor },
    });
    for (let worker = 0; worker < workers; worker += 1) await startWorker();
    await generate(indicators);
    const ended = new AbortController();
    const synced = sync().finally(() => ended.abort());
    const samples: Sample[] = [];
    const all429 = (everyNth429: number) =>
      stack.control('PUT', '/faults', { graph: { everyNth429, retryAfterSeconds: 1 } });
    /** By the clock of the samples; of a run without a storm they stay where they are. */
    const times = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
    while (!ended.signal.aborted) {
      const { requests, throttled } = await sandboxCounts(stack);
      const at = performance.now();
      samples.push({ at, answered: requests.graph - throttled.graph, throttled: throttled.graph });
      const begun = samples.find(({ answered }) => answered > 0)?.at ?? at;
      if (isStormy && times.from === Number.POSITIVE_INFINITY && at - begun > STORM_AFTER_MS) {
        times.from = at;
        await all429(1);
      }
      if (times.to === Number.POSITIVE_INFINITY && at - times.from > storm * 1_000) {
        await all429(0);
        times.to = performance.now();
      }
      await sleep(SAMPLE_EVERY_MS);
    }
    await synced;
    return { samples, storm: times };
  });
}

const SAMPLE_EVERY_MS = 200;
const STORM_AFTER_MS = 30_000;

function sectionOf(
  { workers, perSecond, storm }: Options,
  ledger: Ledger,
  usages: readonly Usage[],
  recoveries: readonly Recovery[],
): Section {
  const share = (value: number): string => `${n(value * 100, 2)} %`;
  return {
    heading: 'Rate budgets shared by several workers (budget)',
    blocks: [
      `${workers} worker processes on ${ledger.name}; the sandbox’s Graph answers ${perSecond} look-ups a second, and 429 beyond.`,
      table(
        ['', 'look-ups', 'seconds', 'of the limit used', 'answers that are 429'],
        usages.map(({ name, answered, seconds, used, throttled }) => [
          name,
          n(answered),
          n(seconds, 1),
          share(used),
          share(throttled),
        ]),
      ),
      `The same, with a storm in the middle: for ${storm} s everything is answered with 429 and \`Retry-After: 1\`.`,
      table(
        [
          '',
          'of the limit used before',
          'seconds until 95 % of the limit',
          'of the limit used after 30 s',
          '429s in the storm',
          'answers after it that are 429',
          'the same, before and after',
        ],
        recoveries.map(({ name, before, seconds, after, inStorm, throttledAfter, throttled }) => [
          name,
          share(before),
          seconds === null ? 'not in this run' : n(seconds, 1),
          share(after),
          n(inStorm),
          share(throttledAfter),
          share(throttled),
        ]),
      ),
      list([
        'Seconds and use of the first table are of the stretch from 10 % to 90 % of the look-ups; 429s are of the whole run. All are counted by the sandbox.',
        'The limit counts as used again from where 95 % of it are over the next five seconds.',
      ]),
    ],
    data: { workers, perSecond, storm, ledger: ledger.name, usages, recoveries },
  };
}
