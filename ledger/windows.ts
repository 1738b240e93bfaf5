import { sql, type Transaction } from 'kysely';
import { missing, split } from '../indicators/coverage.ts';
import type { Window } from '../indicators/window.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database, WindowKind, WindowState } from './schema.ts';

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
    await lockWindows(tx, request.pipeline);
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
        // Not in the ledger yet.
        id: null,
        from: part.from,
        to: part.to,
        readFrom: index === 0 ? new Date(Date.parse(part.from) - request.overlapMs).toISOString() : part.from,
      })),
    );
    const remaining = open.length + fresh.length;
    const wanted = [...open, ...fresh].sort((a, b) => Date.parse(a.from) - Date.parse(b.from)).slice(0, request.limit);
    await tx
      .updateTable('windows')
      .set({ state: 'running', kind: request.kind, reason: null })
      .where('id', 'in', [0, ...wanted.flatMap(({ id }) => id ?? [])])
      .execute();
    const added = wanted.filter(({ id }) => id === null);
    const made = new Map(added.length === 0 ? [] : await addWindows(tx, request, added));
    const windows = wanted.map(({ id, from, to, readFrom }) => ({ id: id ?? made.get(from) ?? 0, from, to, readFrom }));
    return { windows, remaining };
  });
}

/** Whoever changes several windows of a pipeline does so alone. */
async function lockWindows(tx: Transaction<Database>, pipeline: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`windows of ${pipeline}`}))`.execute(tx);
}

/** Writes new windows down as running; their ids by where they begin. */
async function addWindows(
  tx: Transaction<Database>,
  request: PlanRequest,
  windows: readonly Omit<PlannedWindow, 'id'>[],
): Promise<readonly (readonly [string, number])[]> {
  const rows = await tx
    .insertInto('windows')
    .values(
      windows.map((window) => ({
        pipeline: request.pipeline,
        kind: request.kind,
        from_time: window.from,
        to_time: window.to,
        read_from: window.readFrom,
        state: 'running' as const,
        reason: null,
        rows: null,
        planned_at: request.now,
        closed_at: null,
      })),
    )
    .returning(['id', 'from_time'])
    .execute();
  return rows.map((row) => [row.from_time.toISOString(), row.id] as const);
}

/** Marks the unfinished windows inside the span as failed, so that any later run takes them up. Returns how many. */
export async function releaseWindows(db: LedgerDb, pipeline: string, span: Window, reason: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await lockWindows(tx, pipeline);
    const result = await tx
      .updateTable('windows')
      .set({ state: 'failed', reason })
      .where('pipeline', '=', pipeline)
      .where('kind', '=', 'backfill')
      .where('state', '=', 'running')
      .where('from_time', '>=', new Date(span.from))
      .where('to_time', '<=', new Date(span.to))
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  });
}

/** Where a pipeline's live coverage begins: its first live window. Null before the first run. */
export async function liveBegin(db: LedgerDb, pipeline: string): Promise<Date | null> {
  const first = await db
    .selectFrom('windows')
    .select((eb) => eb.fn.min('from_time').as('from'))
    .where('pipeline', '=', pipeline)
    .where('kind', '=', 'live')
    .executeTakeFirst();
  return first?.from ?? null;
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

export async function failWindow(db: LedgerDb, id: number, reason: string): Promise<void> {
  await db.updateTable('windows').set({ state: 'failed', reason }).where('id', '=', id).execute();
}

export async function closeWindow(db: LedgerDb, id: number, rows: number, now: Date): Promise<void> {
  await db
    .updateTable('windows')
    .set({ state: 'done', reason: null, rows, closed_at: now })
    .where('id', '=', id)
    .execute();
}

/** How many of the newest live windows that are done had no row, up to the first that had one. */
export async function emptyWindowsInARow(db: LedgerDb, pipeline: string): Promise<number> {
  const { rows } = await sql<{ windows: number }>`select count(*)::int as windows from windows
    where pipeline = ${pipeline} and kind = 'live' and state = 'done' and from_time > coalesce(
      (select max(from_time) from windows where pipeline = ${pipeline} and state = 'done' and rows > 0), '-infinity')`.execute(
    db,
  );
  return rows[0]?.windows ?? 0;
}

function planned(id: number, from: Date, to: Date, readFrom: Date): PlannedWindow {
  return { id, from: from.toISOString(), to: to.toISOString(), readFrom: readFrom.toISOString() };
}
