import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import type { Bench, Figure, Section } from './figure.ts';
import { PGLITE } from './ledgers.ts';
import { n, table } from './markdown.ts';
import { count, countOrNone } from './options.ts';
import { type Product, startProduct } from './product.ts';
import { quantile } from './statistics.ts';
import { startTemporalServer } from './temporal-server.ts';

interface Options {
  readonly minutes: number;
  readonly perSecond: number;
  readonly settle: number;
  readonly latency: number;
}

export function latencyFigure(): Figure {
  const command = new Command('latency')
    .description("from a row's ingestion to the destination, at a schedule of one minute")
    .option('--minutes <count>', 'for which rows arrive', count, 10)
    .option('--per-second <count>', 'rows that arrive', count, 5)
    .option('--settle <seconds>', "the pipeline's settle; taken off what is told", count, 10)
    .option('--latency <ms>', 'of each answer', countOrNone, 20);
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

/** In milliseconds, of one row. */
interface Journey {
  /** From ingestion to when the destination held it, less settle. */
  readonly whole: number;
  /** Until the next run began, less settle. */
  readonly waiting: number;
  /** From there on. */
  readonly work: number;
}

async function measure(bench: Bench, options: Options): Promise<Section> {
  const product = await startProduct(bench.scope, {
    temporal: await startTemporalServer(bench),
    ledger: PGLITE,
    sandbox: ['--latency', `${options.latency}`],
    settings: { schedule: { every: '1m', catchUp: '10s' } },
    source: { settle: `${options.settle}s`, overlap: '0s', since: '1m' },
    destination: { approval: 'bypass' },
  });
  await product.startWorker();
  const arrived = await feed(bench, product, options);
  const journeys = await journeysOf(bench, product, options, arrived);
  return sectionOf(options, arrived.size, journeys);
}

/** Hashes, which all pass, and addresses, of which some do: by value, when each was ingested. */
async function feed(
  { say }: Bench,
  { stack }: Product,
  { minutes, perSecond }: Options,
): Promise<ReadonlyMap<string, number>> {
  const arrived = new Map<string, number>();
  const seconds = minutes * 60;
  const begun = Date.now();
  for (let second = 0; second < seconds; second += 1) {
    const now = Date.now();
    const rows = Array.from({ length: perSecond }, (_, at) => {
      const isHash = at % 2 === 0;
      const value = isHash ? hashOf(`${begun} ${second} ${at}`) : addressOf(second * perSecond + at);
      arrived.set(value, now);
      return {
        Id: randomUUID(),
        IngestionTime: new Date(now).toISOString(),
        ObservableKey: isHash ? "file:hashes.'SHA-256'" : 'ipv4-addr:value',
        ObservableValue: value,
        Confidence: 80,
      };
    });
    await stack.control('POST', '/rows', rows);
    if (second % 60 === 0) say(`minute ${second / 60 + 1} of ${minutes}`);
    await sleep(Math.max(0, begun + (second + 1) * 1_000 - Date.now()));
  }
  return arrived;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** In 11.0.0.0/8, so many that none comes twice. */
function addressOf(ordinal: number): string {
  return `11.${(ordinal >> 16) & 255}.${(ordinal >> 8) & 255}.${ordinal & 255}`;
}

const holdingShape = z.object({ value: z.string(), heldAt: z.iso.datetime() });
const HASH = /^[0-9a-f]{64}$/;
/** Two runs after the last row, and some time for the second. */
const LONGEST_MS = 150_000;
const ASK_EVERY_MS = 2_000;

/** Waits until all hashes are held, at most for the two runs that must bring them. */
async function journeysOf(
  { say }: Bench,
  { stack: { control, temporal, pipeline } }: Product,
  { settle }: Options,
  arrived: ReadonlyMap<string, number>,
): Promise<readonly Journey[]> {
  const hashes = [...arrived.keys()].filter((value) => HASH.test(value)).length;
  const deadline = Date.now() + settle * 1_000 + LONGEST_MS;
  let held: readonly z.infer<typeof holdingShape>[] = [];
  say('waiting for the last rows');
  while (Date.now() < deadline) {
    held = z.array(holdingShape).parse(await control('POST', '/tips/threatstream/holdings'));
    if (held.filter(({ value }) => HASH.test(value)).length === hashes) break;
    await sleep(ASK_EVERY_MS);
  }
  const starts: number[] = [];
  const query = `WorkflowType = 'sync' and MdtiPipeline = '${pipeline}'`;
  for await (const { startTime } of temporal.client.workflow.list({ query })) starts.push(startTime.getTime());
  starts.sort((a, b) => a - b);
  return held.flatMap(({ value, heldAt }) => {
    const settled = (arrived.get(value) ?? Number.NaN) + settle * 1_000;
    // The newest run before it was held, of those that could see it.
    const start = starts.findLast((each) => each <= Date.parse(heldAt) && each >= settled);
    if (start === undefined) return [];
    return { whole: Date.parse(heldAt) - settled, waiting: start - settled, work: Date.parse(heldAt) - start };
  });
}

function sectionOf(options: Options, arrived: number, journeys: readonly Journey[]): Section {
  const { minutes, perSecond, settle, latency } = options;
  const told = (name: string, of: (journey: Journey) => number): string[] => {
    const seconds = journeys.map((journey) => of(journey) / 1_000);
    return [name, ...[0.5, 0.95, 0.99, 1].map((share) => n(quantile(seconds, share), 1))];
  };
  return {
    heading: 'From ingestion to the destination, a run every minute (latency)',
    blocks: [
      `${n(perSecond)} rows a second for ${n(minutes)} minutes, ${n(arrived)} in all: hashes, which all pass, and addresses, of which MDTI lets some pass; ${n(journeys.length)} reached the destination. PGlite, approval bypass, ${latency} ms for each answer. The times are from the ingestion time that the row has to when the sandbox took it in, by the sandbox's clock, less settle (${settle} s).`,
      table(
        ['seconds', 'p50', 'p95', 'p99', 'most'],
        [
          told('**whole**', ({ whole }) => whole),
          told('of it, until the next run began', ({ waiting }) => waiting),
          told('of it, work', ({ work }) => work),
        ],
      ),
    ],
    data: { options, arrived, journeys },
  };
}
