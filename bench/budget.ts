import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Bench, Figure, Section } from './figure.ts';
import { type Ledger, openPostgres } from './ledgers.ts';
import { list, n, table } from './markdown.ts';
import { count } from './options.ts';
import { startProduct } from './product.ts';
import { sandboxCounts } from './sandbox-counts.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

interface Options {
  readonly indicators: number;
  readonly workers: number;
  readonly perSecond: number;
}

export function budgetFigure(): Figure {
  const command = new Command('budget')
    .description('how much of an API’s limit several workers use together, and how many of its answers are 429')
    .option('--indicators <count>', 'about half of them are looked up', count, 24_000)
    .option('--workers <count>', 'processes, on one PostgreSQL', count, 3)
    .option('--per-second <count>', 'look-ups that the sandbox allows in a second', count, 100);
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

/** What the setting says of the limit, as a multiple of it. */
const CASES = [
  { name: 'the setting is the limit', factor: 1 },
  { name: 'the setting is twice the limit: the pace has to find it', factor: 2 },
] as const;

interface Sample {
  readonly at: number;
  readonly requests: number;
  readonly throttled: number;
}

interface Usage {
  readonly name: string;
  readonly seconds: number;
  readonly answered: number;
  /** Of what the limit allows, from the tenth to the ninetieth hundredth of the answers. */
  readonly used: number;
  /** Of all answers of the whole run. */
  readonly throttled: number;
}

async function measure(bench: Bench, options: Options): Promise<Section> {
  const ledger = await openPostgres(bench);
  const temporal = await startTemporalServer(bench);
  const usages: Usage[] = [];
  for (const { name, factor } of CASES) {
    bench.say(`${options.workers} workers, ${options.perSecond} look-ups a second: ${name}`);
    usages.push({ name, ...(await usageOf(bench, options, { factor, ledger, temporal })) });
  }
  return sectionOf(options, ledger, usages);
}

async function usageOf(
  { scope }: Bench,
  { indicators, workers, perSecond }: Options,
  { factor, ledger, temporal }: { factor: number; ledger: Ledger; temporal: TemporalServer },
): Promise<Omit<Usage, 'name'>> {
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
    const run = sync().finally(() => ended.abort());
    const samples: Sample[] = [];
    while (!ended.signal.aborted) {
      const { requests, throttled } = await sandboxCounts(stack);
      samples.push({ at: performance.now(), requests: requests.graph, throttled: throttled.graph });
      await sleep(SAMPLE_EVERY_MS);
    }
    await run;
    return readUsage(samples, perSecond);
  });
}

const SAMPLE_EVERY_MS = 200;

/** The beginning has the burst that the limit allows after a pause, and at the end there is little left to ask. */
function readUsage(samples: readonly Sample[], perSecond: number): Omit<Usage, 'name'> {
  const answered = ({ requests, throttled }: Sample): number => requests - throttled;
  const last = samples.at(-1);
  if (last === undefined) throw new Error('The run was over before it could be looked at.');
  const from = samples.find((sample) => answered(sample) >= 0.1 * answered(last));
  const to = samples.find((sample) => answered(sample) >= 0.9 * answered(last));
  if (from === undefined || to === undefined || to.at <= from.at) throw new Error('Too few look-ups to tell a rate.');
  const seconds = (to.at - from.at) / 1_000;
  return {
    seconds,
    answered: answered(last),
    used: (answered(to) - answered(from)) / (perSecond * seconds),
    throttled: last.throttled / last.requests,
  };
}

function sectionOf({ workers, perSecond }: Options, ledger: Ledger, usages: readonly Usage[]): Section {
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
      list([
        'Seconds and use are of the stretch from 10 % to 90 % of the look-ups; 429s are of the whole run. All are counted by the sandbox.',
      ]),
    ],
    data: { workers, perSecond, ledger: ledger.name, usages },
  };
}
