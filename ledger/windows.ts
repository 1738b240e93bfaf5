import { sql } from 'kysely';
import { missing, split } from '../indicators/coverage.ts';
import type { Window } from '../indicators/window.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { WindowKind, WindowState } from './schema.ts';

export interface PlannedWindow extends Window {
  readonly id: number;
  /** Where reading starts: `from` less the overlap. */
  readonly readFrom: string;
}

export interface PlanRequest {
  readonly pipeline: string;
  readonly kind: WindowKind;
  /** What must be covered. */
  readonly span: Window;
  readonly windowMs: number;
  /** Rows that arrive late are found by reading this much of what the window before a gap has read already. */
  readonly overlapMs: number;
  /** Windows handed out at most. */
  readonly limit: number;
  readonly now: Date;
}

export interface WindowPlan {
  readonly windows: readonly PlannedWindow[];
  /** Windows that are left to do, these included. */
  readonly remaining: number;
}

/**
 * Hands out the windows inside `span` that are not done: those that an earlier run left open, with the bounds they had, and
 * new ones for every gap. What the other kind is at work on is left to it. Planned under a lock, so that live runs and
 * backfills never overlap in the ledger.
 */
export async function planWindows(db: LedgerDb, request: PlanRequest): Promise<WindowPlan> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext(${`windows of ${request.pipeline}`}))`.execute(tx);
    const touching = await tx
      .selectFrom('windows')
      .select(['id', 'kind', 'state', 'from_time', 'to_time', 'read_from'])
      .where('pipeline', '=', request.pipeline)
      .where('to_time', '>', new Date(request.span.from))
      .where('from_time', '<', new Date(request.span.to))
      .orderBy('from_time')
      .execute();
    const open = touching
      .filter((row) => row.state === 'failed' || (row.state === 'running' && row.kind === request.kind))
      .map((row) => planned(row.id, row.from_time, row.to_time, row.read_from));
    const gaps = missing(
      touching.map((row) => ({ from: row.from_time.toISOString(), to: row.to_time.toISOString() })),
      request.span.from,
      request.span.to,
    );
    const fresh = gaps.flatMap((gap) =>
      split(gap, request.windowMs).map((part, index) => ({
        from: part.from,
        to: part.to,
        readFrom: index === 0 ? new Date(Date.parse(part.from) - request.overlapMs).toISOString() : part.from,
      })),
    );
    const remaining = open.length + fresh.length;
    const wanted = [
      ...open.map((window) => ({ ...window, fresh: false })),
      ...fresh.map((window) => ({ ...window, id: 0, fresh: true })),
    ]
      .sort((a, b) => Date.parse(a.from) - Date.parse(b.from))
      .slice(0, request.limit);
    await tx
      .updateTable('windows')
      .set({ state: 'running', kind: request.kind, reason: null })
      .where('id', 'in', [0, ...wanted.filter((window) => !window.fresh).map(({ id }) => id)])
      .execute();
    const added = wanted.filter((window) => window.fresh);
    if (added.length === 0)
      return { windows: wanted.map(({ id, from, to, readFrom }) => ({ id, from, to, readFrom })), remaining };
    const rows = await tx
      .insertInto('windows')
      .values(
        added.map((window) => ({
          pipeline: request.pipeline,
          kind: request.kind,
          from_time: window.from,
          to_time: window.to,
          read_from: window.readFrom,
          state: 'running' as const,
          reason: null,
          planned_at: request.now,
          closed_at: null,
        })),
      )
      .returning(['id', 'from_time'])
      .execute();
    const made = new Map(rows.map((row) => [row.from_time.toISOString(), row.id]));
    return {
      windows: wanted.map(({ id, from, to, readFrom }) => ({ id: made.get(from) ?? id, from, to, readFrom })),
      remaining,
    };
  });
}

/** Marks the unfinished windows inside the span as failed, so that any later run takes them up. Returns how many. */
export async function releaseWindows(db: LedgerDb, pipeline: string, span: Window, reason: string): Promise<number> {
  const result = await db
    .updateTable('windows')
    .set({ state: 'failed', reason })
    .where('pipeline', '=', pipeline)
    .where('kind', '=', 'backfill')
    .where('state', '=', 'running')
    .where('from_time', '>=', new Date(span.from))
    .where('to_time', '<=', new Date(span.to))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** All windows of a pipeline that touch a span, oldest first. */
export async function touchingWindows(
  db: LedgerDb,
  pipeline: string,
  span: Window,
): Promise<
  readonly (Window & { readonly state: WindowState; readonly kind: WindowKind; readonly reason: string | null })[]
> {
  const rows = await db
    .selectFrom('windows')
    .select(['from_time', 'to_time', 'state', 'kind', 'reason'])
    .where('pipeline', '=', pipeline)
    .where('to_time', '>', new Date(span.from))
    .where('from_time', '<', new Date(span.to))
    .orderBy('from_time')
    .execute();
  return rows.map(({ from_time, to_time, state, kind, reason }) => ({
    from: from_time.toISOString(),
    to: to_time.toISOString(),
    state,
    kind,
    reason,
  }));
}

export async function windowOf(db: LedgerDb, id: number): Promise<PlannedWindow & { readonly state: WindowState }> {
  const row = await db
    .selectFrom('windows')
    .select(['id', 'from_time', 'to_time', 'read_from', 'state'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { ...planned(row.id, row.from_time, row.to_time, row.read_from), state: row.state };
}

export async function markWindow(
  db: LedgerDb,
  id: number,
  state: WindowState,
  reason: string | null,
  now: Date,
): Promise<void> {
  await db
    .updateTable('windows')
    .set({ state, reason, closed_at: state === 'done' ? now : null })
    .where('id', '=', id)
    .execute();
}

function planned(id: number, from: Date, to: Date, readFrom: Date): PlannedWindow {
  return { id, from: from.toISOString(), to: to.toISOString(), readFrom: readFrom.toISOString() };
}
