import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { heartbeatsOf, metricSince, readActionMetric } from './action-metric.ts';
import { ACTION_KINDS, type Actions, addActions, scaleActions, totalOf } from './actions.ts';
import type { Bench, Figure, Section } from './figure.ts';
import { costOfRun, type RunCost } from './histories.ts';
import { PGLITE } from './ledgers.ts';
import { list, n, table } from './markdown.ts';
import { count, counts, positive } from './options.ts';
import { type Product, startProduct } from './product.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

interface Options {
  readonly indicators: number;
  readonly approval: string;
  readonly every: number;
  readonly perDay: readonly number[];
  readonly price: number;
  readonly priceSource: string;
}

export function costFigure(): Figure {
  const command = new Command('cost')
    .description("Temporal's actions and history bytes: for 1,000 indicators, for an idle run, for a month")
    .option('--indicators <count>', 'of the large run, from which what each further 1,000 cost is told', count, 50_000)
    .option('--approval <way>', "the destination's approval", 'bypass')
    .option('--every <minutes>', "the month's schedule", count, 15)
    .option(
      '--per-day <counts>',
      "the month's new or changed indicators a day, with commas between",
      counts,
      [1_000, 20_000, 200_000],
    )
    .option('--price <usd>', 'of a million actions', positive, 50)
    .option(
      '--price-source <text>',
      'where that price is from',
      'docs.temporal.io/cloud/pricing: pay as you go, first 5 million, November 2026',
    );
  return { command, measure: (bench) => measure(bench, command.opts()) };
}

/** A run's cost with heartbeats, and the server's own count of the same. */
interface Measured extends RunCost {
  readonly indicators: number;
  readonly counted: Readonly<Record<string, number>>;
}

const SMALL = 1_000;

async function measure(bench: Bench, options: Options): Promise<Section> {
  const temporal = await startTemporalServer(bench);
  const product = await startProduct(bench.scope, {
    temporal,
    ledger: PGLITE,
    sandbox: ['--logs-per-30s', '1000000'],
    destination: { approval: options.approval },
  });
  await product.startWorker();
  // The first run looks back a day, in several windows.
  await product.sync();
  bench.say('an idle run');
  const idle = await measureRun(product, temporal, 0);
  bench.say(`a run of ${n(SMALL)}`);
  const small = await measureRun(product, temporal, SMALL);
  bench.say(`a run of ${n(options.indicators)}`);
  const large = await measureRun(product, temporal, options.indicators);
  return sectionOf(options, { idle, small, large });
}

/** The server's counters are told a moment after. */
const METRIC_DELAY_MS = 2_000;

async function measureRun(
  { stack, generate, sync }: Product,
  { metricsUrl }: TemporalServer,
  indicators: number,
): Promise<Measured> {
  if (indicators > 0) await generate(indicators);
  await sleep(METRIC_DELAY_MS);
  const before = await readActionMetric(metricsUrl);
  const { workflowId, counts: done } = await sync();
  await sleep(METRIC_DELAY_MS);
  const counted = metricSince(await readActionMetric(metricsUrl), before);
  const cost = await costOfRun(stack.temporal, workflowId);
  const actions = { ...cost.actions, heartbeat: heartbeatsOf(counted) };
  return { ...cost, actions, counted, indicators: done.new + done.changed };
}

interface Runs {
  readonly idle: Measured;
  readonly small: Measured;
  readonly large: Measured;
}

/** What each further thousand costs, once a run has some. */
function furtherThousand({ small, large }: Runs): RunCost {
  const thousands = (large.indicators - small.indicators) / 1_000;
  const less = addActions(large.actions, scaleActions(small.actions, -1));
  return {
    actions: scaleActions(less, 1 / thousands),
    events: (large.events - small.events) / thousands,
    bytes: (large.bytes - small.bytes) / thousands,
  };
}

interface Month {
  readonly perDay: number;
  readonly actions: number;
  readonly bytes: number;
}

const DAYS = 30;

/** New ones come evenly: each run has some, unless there are fewer of them than runs. */
function monthOf(perDay: number, every: number, runs: Runs): Month {
  const runsADay = 1_440 / every;
  const busyRuns = Math.min(runsADay, perDay);
  const furtherBatches = Math.ceil(perDay / busyRuns / 1_000) - 1;
  const further = furtherThousand(runs);
  const day = (of: (cost: RunCost) => number): number =>
    (runsADay - busyRuns) * of(runs.idle) + busyRuns * (of(runs.small) + furtherBatches * of(further));
  return { perDay, actions: DAYS * day(({ actions }) => totalOf(actions)), bytes: DAYS * day(({ bytes }) => bytes) };
}

function sectionOf(options: Options, runs: Runs): Section {
  const { every, perDay, price, priceSource, approval } = options;
  const further = furtherThousand(runs);
  const columns: readonly (readonly [string, RunCost])[] = [
    ['idle run', runs.idle],
    [`run of ${n(runs.small.indicators)}`, runs.small],
    [`run of ${n(runs.large.indicators)}`, runs.large],
    ['each further 1,000', further],
  ];
  const row = (name: string, of: (cost: RunCost) => number): string[] => [
    name,
    ...columns.map(([, cost]) => n(of(cost), 1)),
  ];
  const shown = (kind: keyof Actions): boolean => columns.some(([, { actions }]) => actions[kind] !== 0);
  // The schedule's own part is documented, and not in the server's count.
  const counted = ({ counted: all, actions }: Measured): number =>
    Object.values(all).reduce((sum, each) => sum + each, 0) + actions.schedule;
  const months = perDay.map((indicators) => monthOf(indicators, every, runs));
  return {
    heading: 'What Temporal Cloud would bill (cost)',
    blocks: [
      `Actions as docs.temporal.io/cloud/actions lists them, counted in the histories of the run and all below it; heartbeats leave no event, so they are the server's own count. Approval ${approval}; the sandbox imports at once, so that a confirmation takes few attempts: each further one is one action.`,
      table(
        ['actions', ...columns.map(([name]) => name)],
        [
          ...ACTION_KINDS.filter(shown).map((kind) => row(kind, ({ actions }) => actions[kind])),
          row('**all actions**', ({ actions }) => totalOf(actions)),
          ["all, by the server's own count", n(counted(runs.idle)), n(counted(runs.small)), n(counted(runs.large)), ''],
          row('events', ({ events }) => events),
          row('history, bytes', ({ bytes }) => bytes),
        ],
      ),
      `Goals: 5 actions and 10 kB for 1,000 indicators, 4 actions for an idle run.`,
      table(
        [`a month, a run every ${every} minutes`, 'actions', 'USD', 'history, MB'],
        months.map(({ perDay: indicators, actions, bytes }) => [
          `${n(indicators)} new or changed a day`,
          n(actions),
          n((actions / 1_000_000) * price, 2),
          n(bytes / 1_000_000, 1),
        ]),
      ),
      list([
        `${n(price, 2)} USD for a million actions (${priceSource}). Support plans, storage and taxes are not in it.`,
        'New ones come evenly. The weekly republish finds them unchanged: it costs its windows, and no batches.',
        'Following a run at a terminal asks it, and each of its windows, twice a second: every question is an action, and is not in it.',
      ]),
    ],
    data: { options, runs, further, months },
  };
}
