import { Command, Option } from 'commander';
import { openAdapters } from './adapters.ts';
import type { Bench, Figure, Section } from './figure.ts';
import { LEDGER_KINDS, type Ledger, type LedgerKind, openLedgers } from './ledgers.ts';
import { list, n, spread, table } from './markdown.ts';
import { oneByOne } from './one-by-one-loop.ts';
import { count } from './options.ts';
import { startProduct } from './product.ts';
import { difference, sandboxCounts } from './sandbox-counts.ts';
import { type SourceIndicator, sourceIndicators } from './source-indicators.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

const APPROVALS = ['bypass', 'required', 'automatic'] as const;
type Approval = (typeof APPROVALS)[number];

interface Options {
  readonly indicators: number;
  readonly runs: number;
  readonly latency: number;
  readonly threatstreamPerSecond?: number;
  readonly ledgers: readonly LedgerKind[];
  readonly approvals: readonly Approval[];
  readonly twentySample: number;
  readonly serialSample: number;
}

export function oneByOneFigure(): Figure {
  const command = new Command('one-by-one')
    .description('against one look-up and one POST for each indicator: 20 at a time, and one after the other')
    .option('--indicators <count>', 'for the product, in each run', count, 100_000)
    .option('--runs <count>', 'of each, in turn', count, 3)
    .option('--latency <ms>', 'of each answer', count, 20)
    .option(
      '--threatstream-per-second <count>',
      'requests that ThreatStream answers, which all keep to; else any',
      count,
    )
    .addOption(new Option('--ledgers <kinds...>', 'to measure on').choices(LEDGER_KINDS).default([...LEDGER_KINDS]))
    .addOption(
      new Option('--approvals <ways...>', 'how the product delivers')
        .choices(APPROVALS)
        .default(['bypass', 'required']),
    )
    .option('--twenty-sample <count>', 'of the indicators, for the loop of 20 at a time', count, 5_000)
    .option('--serial-sample <count>', 'of the indicators, for the loop of one after the other', count, 500);
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

/** Indicators a second. */
interface Rates {
  readonly ledger: string;
  readonly approval: Approval;
  readonly product: Spread;
  readonly twenty: Spread;
  readonly serial: Spread;
  /** Of the product, for 1,000 delivered indicators, as the sandbox counts. */
  readonly sessions: Spread;
  readonly requests: Spread;
}

async function measure(bench: Bench, options: Options): Promise<Section> {
  const ledgers = await openLedgers(bench, options.ledgers);
  const temporal = await startTemporalServer(bench);
  const rates: Rates[] = [];
  for (const approval of options.approvals) {
    for (const ledger of ledgers) rates.push(await measureRates(bench, options, { ledger, approval, temporal }));
  }
  return sectionOf(options, rates);
}

async function measureRates(
  { scope, say }: Bench,
  options: Options,
  { ledger, approval, temporal }: { ledger: Ledger; approval: Approval; temporal: TemporalServer },
): Promise<Rates> {
  const { latency, threatstreamPerSecond: limit } = options;
  return scope.within(async (inner) => {
    const { startWorker, generate, sync, stack } = await startProduct(inner, {
      temporal,
      ledger,
      sandbox: [
        '--latency',
        `${latency}`,
        '--logs-per-30s',
        '1000000',
        ...(limit === undefined ? [] : ['--tip-per-second', `${limit}`]),
      ],
      destination: { approval, ...(limit === undefined ? {} : { requestsPerSecond: limit }) },
    });
    await startWorker();
    const adapters = await openAdapters(inner, stack, 'single');
    const round = async (indicators: number, twenty: number, serial: number) => {
      const window = await generate(indicators);
      const before = await sandboxCounts(stack);
      const { seconds, counts } = await sync();
      const seen = difference(await sandboxCounts(stack), before);
      const all = await sourceIndicators(adapters, window);
      const atOnce = await oneByOne(adapters, sampleOf(all, twenty), 20);
      const inTurn = await oneByOne(adapters, sampleOf(all, serial), 1);
      return {
        product: (counts.new + counts.changed) / seconds,
        twenty: atOnce.indicators / atOnce.seconds,
        serial: inTurn.indicators / inTurn.seconds,
        sessions: (seen.sessions / counts.confirmed) * 1_000,
        requests: (seen.requests.threatstream / counts.confirmed) * 1_000,
      };
    };
    say(`${approval}, ${ledger.name}: warming up`);
    await round(
      Math.min(options.indicators, 3_000),
      Math.min(options.twentySample, 200),
      Math.min(options.serialSample, 20),
    );
    const rounds: Awaited<ReturnType<typeof round>>[] = [];
    for (let run = 1; run <= options.runs; run += 1) {
      const rates = await round(options.indicators, options.twentySample, options.serialSample);
      say(
        `${approval}, ${ledger.name}, run ${run}: ${n(rates.product)}, ${n(rates.twenty)}, ${n(rates.serial)} indicators/s; ${n(rates.sessions, 1)} sessions and ${n(rates.requests, 1)} requests for 1,000`,
      );
      rounds.push(rates);
    }
    return {
      ledger: ledger.name,
      approval,
      product: spreadOf(rounds.map(({ product }) => product)),
      twenty: spreadOf(rounds.map(({ twenty }) => twenty)),
      serial: spreadOf(rounds.map(({ serial }) => serial)),
      sessions: spreadOf(rounds.map(({ sessions }) => sessions)),
      requests: spreadOf(rounds.map(({ requests }) => requests)),
    };
  });
}

/** So many of them, evenly from all. */
function sampleOf(all: readonly SourceIndicator[], size: number): readonly SourceIndicator[] {
  const step = Math.max(1, all.length / size);
  return Array.from({ length: Math.min(size, all.length) }, (_, at) => all[Math.floor(at * step)]).filter(
    (one) => one !== undefined,
  );
}

function sectionOf(options: Options, rates: readonly Rates[]): Section {
  const { indicators, runs, latency, threatstreamPerSecond: limit, twentySample, serialSample } = options;
  const times = (rate: Rates, of: 'twenty' | 'serial'): number => rate.product.median / rate[of].median;
  return {
    heading: `The product against one request for each indicator, ${latency} ms of latency (one-by-one)`,
    blocks: [
      `Both loops make one look-up for each host and one POST for each indicator that passes, with the product's adapters and connections that are kept, and do not ask what became of it; the product confirms each. Medians of ${n(runs)} runs (least to most). ${limit === undefined ? 'No limits' : `ThreatStream answers ${limit} requests a second, which all keep to; no other limits`}: every API answers as fast as it can after ${latency} ms.`,
      list([
        `The product works through ${n(indicators)} indicators in each run.`,
        `20 at a time, as the Logic App: measured on an even sample of ${n(twentySample)} of them, and told as a rate.`,
        `One after the other: on ${n(serialSample)} of them.`,
      ]),
      table(
        ['indicators a second', 'product', '20 at a time', 'one after the other', 'product : 20', 'product : one'],
        rates.map((rate) => [
          `approval ${rate.approval}, ${rate.ledger}`,
          spread(rate.product),
          spread(rate.twenty),
          spread(rate.serial, 1),
          n(times(rate, 'twenty'), 1),
          n(times(rate, 'serial'), 1),
        ]),
      ),
      'What the product asks of ThreatStream for 1,000 delivered indicators, confirmations included, as the sandbox counts; in `required` an analyst approves each session. Each loop sends one request for each, and asks for nothing.',
      table(
        ['for 1,000 delivered', 'import sessions', 'requests to ThreatStream'],
        rates.map(({ ledger, approval, sessions, requests }) => [
          `approval ${approval}, ${ledger}`,
          spread(sessions, 1),
          spread(requests, 1),
        ]),
      ),
    ],
    data: { options, rates },
  };
}
