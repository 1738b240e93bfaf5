import { followReviews } from '../delivery/follow-reviews.ts';
import type { Counts } from '../indicators/counts.ts';
import { Fault } from '../indicators/fault.ts';
import type { Slice, Window } from '../indicators/window.ts';
import { removeDeadRows } from '../ledger/dead-rows.ts';
import { noteKind } from '../ledger/destination-kinds.ts';
import { forgetOldExchanges } from '../ledger/exchanges.ts';
import { forgetOldAnswers } from '../ledger/kept-answers.ts';
import { beginCoverage, emptyWindowsInARow, type PlannedWindow, planWindows } from '../ledger/windows.ts';
import { keepHouse } from './keep-house.ts';
import type { Parts, Pipeline } from './parts.ts';
import { readWindow } from './read-window.ts';
import { beginning, readableTime } from './readable-time.ts';
import { readingKey } from './reading-key.ts';
import { refuseOtherKind } from './refuse-other-kind.ts';
import { releaseEnded } from './release-ended.ts';
import type { Owned } from './window-ref.ts';

/** A window to run. */
export type WindowToDo = PlannedWindow & {
  /** What is left to extract of it; not there when it has not been counted yet. */
  readonly slices?: readonly Slice[];
  /** Rows of it that were read when it was planned. */
  readonly rows?: number;
};

export type PlanInput = {
  readonly pipeline: string;
  /** Windows to hand out at most. */
  readonly limit: number;
} & (
  | { readonly kind: 'live' }
  | {
      readonly kind: 'backfill';
      readonly from: string;
      readonly to: string;
      /** Longest window; null for what the pipeline's configuration says. */
      readonly windowMs: number | null;
    }
);

export interface Plan {
  readonly windows: readonly WindowToDo[];
  /** Windows that are left to do, these included. */
  readonly remaining: number;
  /** Windows that other runs are at work on: they are left to those. */
  readonly others: number;
  /** Of a window that was read at once, and had nothing to deliver. */
  readonly closed: Counts | null;
  /** Said out loud when the source has had no row for suspiciously long; null otherwise. */
  readonly warning: string | null;
}

/**
 * Asks coverage what there is to read: all that is settled and not done, since the beginning or in a backfill's stretch. A live run
 * first hears what analysts have decided since; one that misses one window only, as all do that keep up, has it read here: when nothing is
 * new, it is done with one step.
 */
export async function plan(parts: Parts, input: Owned<PlanInput>): Promise<Plan> {
  const pipeline = parts.pipeline(input.pipeline);
  await refuseOtherKind(parts, pipeline);
  if (input.kind === 'live') await followReviews(parts, pipeline);
  const now = parts.now();
  const settled = readableTime(now.getTime() - pipeline.settleMs, pipeline.settleMs);
  const span = input.kind === 'live' ? await liveSpan(parts, pipeline, settled) : backfillSpan(input, settled);
  await noteKind(parts.ledger, pipeline.name, pipeline.destinationKind);
  const warning = await silence(parts, pipeline);
  await keepHouse('the removal of old answers of the source', () => forgetOldAnswers(parts.ledger, now));
  await keepHouse('the removal of old exchanges', () => forgetOldExchanges(parts.ledger, now));
  await keepHouse('the removal of dead rows', () => removeDeadRows(parts.ledger));
  if (Date.parse(span.to) <= Date.parse(span.from))
    return { windows: [], remaining: 0, others: 0, closed: null, warning };
  await releaseEnded(parts, input.pipeline, input.owner);
  const planned = await planWindows(parts.ledger, {
    pipeline: input.pipeline,
    kind: input.kind,
    owner: input.owner,
    span,
    windowMs: (input.kind === 'backfill' ? input.windowMs : null) ?? pipeline.windowMs,
    overlapMs: pipeline.overlapMs,
    ...(pipeline.readsWith.length === 0
      ? {}
      : { together: { source: readingKey(pipeline), peers: pipeline.readsWith } }),
    limit: input.limit,
    now,
  });
  const [first] = planned.windows;
  const isLone = input.kind === 'live' && planned.remaining === 1 && first !== undefined;
  return { ...planned, closed: null, warning, ...(isLone ? await readLone(parts, input.pipeline, first) : {}) };
}

/** What hinders the reading, the window's own workflow deals with. */
async function readLone(
  parts: Parts,
  pipeline: string,
  lone: PlannedWindow,
): Promise<Pick<Plan, 'windows' | 'remaining' | 'closed'>> {
  try {
    const reading = await readWindow(parts, { pipeline, windowId: lone.id });
    if (reading.kind === 'closed') return { windows: [], remaining: 0, closed: reading.counts };
    const { slices, rows = 0 } = reading;
    return { windows: [{ ...lone, slices, rows }], remaining: 1, closed: null };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { windows: [lone], remaining: 1, closed: null };
  }
}

/** A retired table answers every query with success and no rows: that looks like peace, and is a fault. */
async function silence({ ledger }: Parts, { name, source, warnAfterEmptyWindows }: Pipeline): Promise<string | null> {
  const empty = await emptyWindowsInARow(ledger, name);
  if (empty < warnAfterEmptyWindows) return null;
  return `The last ${empty} windows had no row. Check that the data connector still fills ${source.table} in workspace ${source.workspaceId}, and that source.sourceSystems are the names that its rows have.`;
}

async function liveSpan(parts: Parts, pipeline: Pipeline, settled: Date): Promise<Window> {
  const since = beginning(pipeline, parts.now());
  const from = await beginCoverage(parts.ledger, pipeline.name, since, pipeline.readsWith);
  return { from: from.toISOString(), to: settled.toISOString() };
}

function backfillSpan({ from, to }: Window, settled: Date): Window {
  return { from, to: new Date(Math.min(Date.parse(to), settled.getTime())).toISOString() };
}
