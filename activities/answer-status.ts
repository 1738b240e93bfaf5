import { sql } from 'kysely';
import type { StaleList } from '../config/list-in-file.ts';
import { type WouldLeave, whatWouldLeave } from '../delivery/what-would-leave.ts';
import { missing } from '../indicators/coverage.ts';
import { Fault } from '../indicators/fault.ts';
import type { Window } from '../indicators/window.ts';
import { gathered } from '../ledger/due-items.ts';
import { pausesOf } from '../ledger/pauses.ts';
import { inReview } from '../ledger/reviews.ts';
import type { DeliveryState } from '../ledger/schema.ts';
import { type SetAsideSlice, setAsideSlices } from '../ledger/unread-slices.ts';
import { emptyWindowsInARow, STANDING, type WindowStanding } from '../ledger/windows.ts';
import { type RejectedGroup, rejectedGroups, type SetAsideGroup, setAsideGroups } from './left-over.ts';
import type { Parts, Pipeline } from './parts.ts';

export interface OpenWindow extends Window {
  readonly state: WindowStanding;
  readonly reason: string | null;
  /** Workflow id of the run that is at work on it, or was last. */
  readonly owner: string;
}

export interface PipelineStatus {
  readonly pipeline: string;
  /** From the first window to the end of the last; null before the first run. */
  readonly coverage: Window | null;
  readonly gaps: readonly Window[];
  /** Windows that are not done, oldest first, 20 at most. */
  readonly open: readonly OpenWindow[];
  readonly windows: number;
  readonly indicators: number;
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>;
  /** What was set aside, by stage and reason. */
  readonly setAside: readonly SetAsideGroup[];
  /** How many are due to be taken up by the next run. */
  readonly due: number;
  /** The most frequent reasons of what is rejected. */
  readonly rejectedBy: readonly RejectedGroup[];
  readonly quarantined: number;
  /** Slices that were set aside and have not been read since, 20 at most, and how many there are. */
  readonly unread: readonly SetAsideSlice[];
  readonly unreadSlices: number;
  /** APIs that asked to wait, and until when, as ISO 8601. */
  readonly waiting: readonly { readonly api: string; readonly until: string }[];
  /** The newest live windows that had no row, running. */
  readonly emptyWindows: number;
  /** Files of exclusion lists that the worker who answered could not use: a worker of an earlier release does not say it. */
  readonly staleLists?: readonly StaleList[];
  /** From here on a worker of an earlier release says nothing. What people call a request that brings indicators there, if they see it. */
  readonly shipmentName?: string;
  /** Absent where the worker's configuration has no such pipeline, and of a worker of an earlier release. */
  readonly destination?: { readonly describe: string; readonly stability: 'stable' | 'beta' };
  /** What a person at the destination has not decided about yet; `oldest`: when the first of it was sent, as ISO 8601. */
  readonly review?: { readonly shipments: number; readonly indicators: number; readonly oldest: string | null };
  /** What waits for more of its kind to share a request, since when, and until when at the latest. */
  readonly gathered?: { readonly indicators: number; readonly since: string | null; readonly due: string | null };
  /** What it would come to if all that is due or gathered left now; 10,000 are looked at. */
  readonly wouldLeave?: WouldLeave;
}

/** What is covered, what the destination holds, and what is left over. */
export async function answerStatus(parts: Parts, pipeline: string): Promise<PipelineStatus> {
  const windows = await parts.ledger
    .selectFrom('windows')
    .select(['from_time', 'to_time', 'reason', 'owner_workflow', STANDING.as('state')])
    .where('pipeline', '=', pipeline)
    .orderBy('from_time')
    .execute();
  const named = windows.map((row) => ({
    from: row.from_time.toISOString(),
    to: row.to_time.toISOString(),
    state: row.state,
    reason: row.reason,
    owner: row.owner_workflow,
  }));
  const first = named[0];
  const last = named.at(-1);
  const coverage = first === undefined || last === undefined ? null : { from: first.from, to: last.to };
  const done = named.filter(({ state }) => state === 'done');
  const counted = await sql<{ indicators: number; due: number; quarantined: number }>`select
    (select count(*) from indicators where pipeline = ${pipeline})::int as indicators,
    (select count(*) from set_aside s join indicators i on i.id = s.indicator_id
      where i.pipeline = ${pipeline} and s.due_at <= ${parts.now()}::timestamptz)::int as due,
    (select count(*) from quarantine where pipeline = ${pipeline})::int as quarantined`.execute(parts.ledger);
  const deliveries = await sql<{ state: DeliveryState; items: number }>`select d.state, count(*)::int as items
    from deliveries d join indicators i on i.id = d.indicator_id where i.pipeline = ${pipeline} group by 1`.execute(
    parts.ledger,
  );
  const unread = await setAsideSlices(parts.ledger, pipeline);
  const own = configured(parts, pipeline);
  const review = await inReview(parts.ledger, pipeline);
  const waiting = await gathered(parts.ledger, pipeline);
  return {
    pipeline,
    coverage,
    gaps: coverage === null ? [] : missing(done, coverage.from, coverage.to),
    open: named.filter(({ state }) => state !== 'done').slice(0, 20),
    windows: named.length,
    indicators: counted.rows[0]?.indicators ?? 0,
    deliveries: Object.fromEntries(deliveries.rows.map(({ state, items }) => [state, items])),
    setAside: await setAsideGroups(parts.ledger, pipeline),
    due: counted.rows[0]?.due ?? 0,
    rejectedBy: await rejectedGroups(parts.ledger, pipeline),
    quarantined: counted.rows[0]?.quarantined ?? 0,
    unread: unread.slice(0, 20),
    unreadSlices: unread.length,
    waiting: await waitingFor(parts, pipeline),
    emptyWindows: await emptyWindowsInARow(parts.ledger, pipeline),
    staleLists: own?.staleLists() ?? [],
    ...(own === null
      ? {}
      : { destination: { describe: own.destination.describe, stability: own.stability ?? 'stable' } }),
    ...(own?.destination.shipmentName === undefined ? {} : { shipmentName: own.destination.shipmentName }),
    review: { ...review, oldest: review.oldest?.toISOString() ?? null },
    gathered: {
      indicators: waiting.indicators,
      since: waiting.since?.toISOString() ?? null,
      due: waiting.due?.toISOString() ?? null,
    },
    ...(own === null ? {} : { wouldLeave: await whatWouldLeave(parts, own) }),
  };
}

async function waitingFor(parts: Parts, pipeline: string): Promise<PipelineStatus['waiting']> {
  const names = new Map(configured(parts, pipeline)?.budgets?.map(({ budget, api }) => [budget, api]));
  const pauses = await pausesOf(parts.ledger, [...names.keys()]);
  // By the name that people see: that of a budget is the key of an account.
  return pauses.map(({ api, until }) => ({ api: names.get(api) ?? api, until: until.toISOString() }));
}

/** A pipeline that this worker's configuration does not have can be asked for all the same. */
function configured(parts: Parts, pipeline: string): Pipeline | null {
  try {
    return parts.pipeline(pipeline);
  } catch (error) {
    if (error instanceof Fault && error.kind === 'Refused') return null;
    throw error;
  }
}
