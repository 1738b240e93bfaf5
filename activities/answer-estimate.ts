import { cancellationSignal } from '@temporalio/activity';
import { missing, split } from '../indicators/coverage.ts';
import { Fault } from '../indicators/fault.ts';
import type { Window } from '../indicators/window.ts';
import { touchingWindows } from '../ledger/windows.ts';
import type { Parts, Pipeline } from './parts.ts';

/** What a backfill has in front of it. */
export interface BackfillEstimate extends Window {
  readonly pipeline: string;
  /** Windows that are not done yet, and how many of the stretch are. */
  readonly windows: number;
  readonly windowsDone: number;
  /** Rows at the source in what is not done, before they are reduced: an upper bound of what is read. */
  readonly rows: number;
  /** Of these, rows about hosts: an upper bound of the look-ups. */
  readonly hosts: number;
  readonly requests: { readonly logAnalytics: number; readonly mdti: number; readonly destination: number };
  /** At the configured rates, each API by itself; the slowest bounds the whole. */
  readonly hours: { readonly logAnalytics: number; readonly mdti: number; readonly destination: number };
}

/** A guess for the requests of one batch: what it sends, and asking what became of it. */
const REQUESTS_A_BATCH = 4;

export async function answerEstimate(
  parts: Parts,
  name: string,
  span: Window,
  windowMs: number | null,
): Promise<BackfillEstimate> {
  const pipeline = parts.pipeline(name);
  const known = await touchingWindows(parts.ledger, name, span);
  const done = known.filter(({ state }) => state === 'done');
  const open = known.filter(({ state }) => state !== 'done');
  const gaps = missing(known, span.from, span.to).flatMap((gap) => split(gap, windowMs ?? pipeline.windowMs));
  let rows = 0;
  let hosts = 0;
  for (const part of missing(done, span.from, span.to)) {
    const found = await estimateOf(pipeline, part);
    rows += found.rows;
    hosts += found.hosts;
  }
  const windows = open.length + gaps.length;
  const slices = Math.ceil(rows / pipeline.sliceRows);
  const batches = Math.ceil(rows / pipeline.batchSize);
  const requests = {
    logAnalytics: windows + slices,
    mdti: Math.ceil(hosts / parts.reputations.hostsPerCall),
    destination: batches * REQUESTS_A_BATCH,
  };
  return {
    pipeline: name,
    ...span,
    windows,
    windowsDone: done.length,
    rows,
    hosts,
    requests,
    hours: {
      logAnalytics: hoursAt(requests.logAnalytics, parts.perSecond.logAnalytics),
      mdti: hoursAt(hosts, parts.perSecond.mdti),
      destination: hoursAt(requests.destination, pipeline.destinationPerSecond),
    },
  };
}

/** Of months that are too much for one query, in parts that are not. */
async function estimateOf(
  pipeline: Pipeline,
  { from, to }: Window,
): Promise<{ readonly rows: number; readonly hosts: number }> {
  try {
    return await pipeline.reader.estimate(pipeline.source, { from, to }, cancellationSignal());
  } catch (error) {
    const [begin, end] = [Date.parse(from), Date.parse(to)];
    if (!(error instanceof Fault) || !error.timedOut || end - begin <= pipeline.windowMs) throw error;
    const middle = new Date(begin + Math.floor((end - begin) / 2)).toISOString();
    const [first, second] = [
      await estimateOf(pipeline, { from, to: middle }),
      await estimateOf(pipeline, { from: middle, to }),
    ];
    return { rows: first.rows + second.rows, hosts: first.hosts + second.hosts };
  }
}

function hoursAt(requests: number, perSecond: number): number {
  return requests / perSecond / 3_600;
}
