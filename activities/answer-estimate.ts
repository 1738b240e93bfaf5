import { cancellationSignal } from '@temporalio/activity';
import { missing, split } from '../indicators/coverage.ts';
import { Fault } from '../indicators/fault.ts';
import { MOST_BUCKETS } from '../indicators/slicing.ts';
import type { Window } from '../indicators/window.ts';
import { touchingWindows } from '../ledger/windows.ts';
import type { Parts, Pipeline } from './parts.ts';
import { type Sampled, sampleDeliveries } from './sample-deliveries.ts';

/** What a backfill has in front of it. */
export interface BackfillEstimate extends Window {
  readonly pipeline: string;
  /** Windows that are not done yet, and how many of the stretch are. */
  readonly windows: number;
  readonly windowsDone: number;
  /** Rows at the source in what is not done, before they are reduced: an upper bound of what is read. */
  readonly rows: number;
  /** From here on by a sample of the rows: indicators that are new or changed, and not excluded. */
  readonly indicators: number;
  /** Hosts among them that have to be looked up. */
  readonly hosts: number;
  /** Indicators that are delivered; all hosts that are not known, where too few reputations are known to tell. */
  readonly deliveries: number;
  /** Requests that bring them. A worker of an earlier release does not say it. */
  readonly shipments?: number;
  /** What people call them at the destination, if they see them there. */
  readonly shipmentName?: string;
  readonly requests: { readonly logAnalytics: number; readonly mdti: number; readonly destination: number };
  /** At the configured rates, each API by itself; the slowest bounds the whole. */
  readonly hours: { readonly logAnalytics: number; readonly mdti: number; readonly destination: number };
}

/** Rows of a sample, about. */
const SAMPLE_ROWS = 4_000;
/** Windows that are gone through, spread over all, to see how many requests their batches make. */
const SAMPLE_WINDOWS = 3;
/** A longer stretch is counted in parts: one query over years runs into its time-out first. */
const LONGEST_COUNTED_MS = 31 * 86_400_000;

/** Counts what there is to read, and goes through a sample of it: what is the same again costs nothing, what is alike shares requests. */
export async function answerEstimate(
  parts: Parts,
  name: string,
  span: Window,
  windowMs: number | null,
): Promise<BackfillEstimate> {
  const pipeline = parts.pipeline(name);
  // What is not settled is left to live runs.
  const settled = new Date(Math.min(Date.parse(span.to), parts.now().getTime() - pipeline.settleMs)).toISOString();
  const known = await touchingWindows(parts.ledger, name, span);
  const done = known.filter(({ state }) => state === 'done');
  const open = known.filter(({ state }) => state !== 'done');
  const gaps = missing(known, span.from, settled).flatMap((gap) => split(gap, windowMs ?? pipeline.windowMs));
  const undone = missing(done, span.from, settled);
  let there: Counted = { rows: 0, hosts: 0 };
  for (const part of undone.flatMap((one) => split(one, LONGEST_COUNTED_MS))) {
    there = sum(there, await countOf(pipeline, part));
  }
  const { rows } = there;
  const todo = [...open, ...gaps];
  const whole = await sampleOfAll(parts, pipeline, undone, there);
  const perDelivery = await costPerDelivery(parts, pipeline, todo, whole);
  const filled = Math.min(todo.length, rows);
  const slices = filled === 0 ? 0 : filled * Math.ceil(rows / filled / pipeline.sliceRows);
  const batches = inBatches(whole.indicators, filled, pipeline.batchSize);
  const { hostsPerCall } = parts.reputations;
  const { shipmentName } = pipeline.destination;
  const requests = {
    logAnalytics: todo.length + slices,
    mdti: Math.max(Math.ceil(whole.lookUps / hostsPerCall), Math.min(batches, whole.lookUps)),
    destination: Math.ceil(whole.deliveries * perDelivery.requests),
  };
  return {
    pipeline: name,
    ...span,
    windows: todo.length,
    windowsDone: done.length,
    rows,
    indicators: whole.indicators,
    hosts: whole.lookUps,
    deliveries: whole.deliveries,
    shipments: Math.ceil(whole.deliveries * perDelivery.shipments),
    ...(shipmentName === undefined ? {} : { shipmentName }),
    requests,
    hours: {
      logAnalytics: hoursAt(requests.logAnalytics, parts.perSecond.logAnalytics),
      mdti: hoursAt(whole.lookUps, parts.perSecond.mdti),
      destination: hoursAt(requests.destination, pipeline.destinationPerSecond),
    },
  };
}

/** Of all values one in so many, with all rows of each, wherever they are: what comes again and again counts once. */
async function sampleOfAll(
  parts: Parts,
  pipeline: Pipeline,
  undone: readonly Window[],
  { rows, hosts }: Counted,
): Promise<Omit<Sampled, 'requests' | 'shipments'>> {
  const [first] = undone;
  const last = undone.at(-1);
  if (rows === 0 || first === undefined || last === undefined) return { indicators: 0, lookUps: 0, deliveries: 0 };
  const { sampled, times } = await sampleOf(parts, pipeline, { from: first.from, to: last.to }, rows);
  const scaled = (count: number, most: number): number => Math.min(most, Math.round(count * times));
  return {
    indicators: scaled(sampled.indicators, rows),
    lookUps: scaled(sampled.lookUps, hosts),
    deliveries: scaled(sampled.deliveries, rows),
  };
}

/** What is too much to look for values in is taken for like its later half. */
async function sampleOf(
  parts: Parts,
  pipeline: Pipeline,
  { from, to }: Window,
  rows: number,
): Promise<{ readonly sampled: Sampled; readonly times: number }> {
  const buckets = Math.min(MOST_BUCKETS, Math.ceil(rows / SAMPLE_ROWS));
  try {
    return { sampled: await sampleDeliveries(parts, pipeline, { from, to, bucket: 0, buckets }), times: buckets };
  } catch (error) {
    const half = halves(pipeline, { from, to }, error)[1];
    const later = await countOf(pipeline, half);
    if (later.rows === 0)
      return {
        sampled: { indicators: rows, lookUps: rows, deliveries: rows, shipments: rows, requests: rows },
        times: 1,
      };
    const { sampled, times } = await sampleOf(parts, pipeline, half, later.rows);
    return { sampled, times: (times * rows) / later.rows };
  }
}

/** As in some of the windows: batches are formed of one window each, and a request carries what is alike in a batch. */
async function costPerDelivery(
  parts: Parts,
  pipeline: Pipeline,
  todo: readonly Window[],
  { deliveries }: Pick<Sampled, 'deliveries'>,
): Promise<Pick<Sampled, 'requests' | 'shipments'>> {
  if (deliveries === 0) return { requests: 0, shipments: 0 };
  let delivered = 0;
  let requests = 0;
  let shipments = 0;
  for (const { from, to } of spread(todo, SAMPLE_WINDOWS)) {
    const { rows } = await countOf(pipeline, { from, to });
    const buckets = Math.max(1, Math.ceil(rows / pipeline.sliceRows));
    const sampled = await sampleDeliveries(parts, pipeline, { from, to, bucket: 0, buckets });
    delivered += sampled.deliveries;
    requests += sampled.requests;
    shipments += sampled.shipments;
  }
  if (delivered === 0) return { requests: 1, shipments: 1 };
  return { requests: requests / delivered, shipments: shipments / delivered };
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, part) => Math.floor(((part + 0.5) * all.length) / most)).flatMap(
    (index) => all[index] ?? [],
  );
}

/** Each window has batches of its own, the last of them seldom full. */
function inBatches(indicators: number, windows: number, size: number): number {
  if (indicators === 0 || windows === 0) return 0;
  const filled = Math.min(windows, indicators);
  return filled * Math.ceil(indicators / filled / size);
}

interface Counted {
  readonly rows: number;
  /** Of these, rows about hosts. */
  readonly hosts: number;
}

/** Of months that are too much for one query, in parts that are not. */
async function countOf(pipeline: Pipeline, window: Window): Promise<Counted> {
  try {
    return await pipeline.reader.estimate(pipeline.source, window, cancellationSignal());
  } catch (error) {
    const [first, second] = halves(pipeline, window, error);
    return sum(await countOf(pipeline, first), await countOf(pipeline, second));
  }
}

function sum(one: Counted, other: Counted): Counted {
  return { rows: one.rows + other.rows, hosts: one.hosts + other.hosts };
}

/** Of a stretch that was too much for one query; whatever else the error is, is thrown on. */
function halves({ windowMs }: Pipeline, { from, to }: Window, error: unknown): readonly [Window, Window] {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const isTooMuch = error instanceof Fault && (error.timedOut || error.kind === 'TooLarge');
  if (!isTooMuch || end - begin <= windowMs) throw error;
  const middle = new Date(begin + Math.floor((end - begin) / 2)).toISOString();
  return [
    { from, to: middle },
    { from: middle, to },
  ];
}

function hoursAt(requests: number, perSecond: number): number {
  return requests / perSecond / 3_600;
}
