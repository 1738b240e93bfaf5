import { sql, type Transaction } from 'kysely';
import { cutAt, missing, split } from '../indicators/coverage.ts';
import type { Window } from '../indicators/window.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { LedgerDb } from './open-ledger.ts';
import { type PeerBounds, peerBounds, type ReadingTogether } from './peer-bounds.ts';
import type { Database, WindowKind, WindowState } from './schema.ts';
import { idList } from './slice-statements.ts';
import { MOST_BEHIND } from './who-wants.ts';
import { leaseEnd, type Owner } from './window-owners.ts';

export interface PlannedWindow extends Window {
  readonly id: number;
  /** Where reading starts: `from` less the overlap. */
  readonly readFrom: string;
}

export interface PlanRequest {
  readonly pipeline: string;
  /** What new windows are planned as; one that is taken over stays what it was. */
  readonly kind: WindowKind;
  readonly owner: Owner;
  /** What must be covered. */
  readonly span: Window;
  readonly windowMs: number;
  /** Rows that arrive late are found by reading this much of what the window before a gap has read already. */
  readonly overlapMs: number;
  /** Not there when no other pipeline reads the same. */
  readonly together?: ReadingTogether;
  /** Windows handed out at most. */
  readonly limit: number;
  readonly now: Date;
}

export interface WindowPlan {
  readonly windows: readonly PlannedWindow[];
  /** Windows that are left to do, these included. */
  readonly remaining: number;
  /** Windows that other runs are at work on. */
  readonly others: number;
}

/**
 * Hands out the windows inside `span` that are not done: those that an earlier run left open, with the bounds they had, and
 * new ones for every gap; they are the owner's from then on. What another one is at work on is left to it, and what has failed
 * under this very owner is not handed out to it again. Planned under a lock, so that runs never overlap in the ledger. What others
 * read, too, is cut where they cut it.
 */
export async function planWindows(db: LedgerDb, request: PlanRequest): Promise<WindowPlan> {
  const { owner, together } = request;
  return oneAtATime(db, `windows of ${request.pipeline}`, async (tx) => {
    const bounds = together === undefined ? NONE : await peerBounds(tx, together, widened(request), request.now);
    const span = { from: request.span.from, to: bounds.all.find((at) => at >= request.span.to) ?? request.span.to };
    const { rows: touching } = await sql<TouchingRow>`select id, from_time, to_time, read_from, state,
        owner_workflow = ${owner.workflowId} as mine, owner_run = ${owner.runId} as "sameRun", leased_until > now() as leased
      from windows where pipeline = ${request.pipeline}
        and to_time > ${span.from}::timestamptz and from_time < ${span.to}::timestamptz
      order by from_time`.execute(tx);
    const open = touching
      .filter((row) => standing(row) === 'open')
      .map((row) => planned(row.id, row.from_time, row.to_time, row.read_from));
    const gaps = missing(
      touching.map((row) => ({ from: row.from_time.toISOString(), to: row.to_time.toISOString() })),
      span.from,
      span.to,
    );
    const fresh = gaps.flatMap((gap) =>
      inParts(gap, bounds, request, open.length > 0).map((part, index) => ({
        // Not in the ledger yet.
        id: null,
        from: part.from,
        to: part.to,
        // The one before may have been read by others, long ago.
        readFrom: index === 0 || together !== undefined ? moved(part.from, -request.overlapMs) : part.from,
      })),
    );
    const wanted = [...open, ...fresh].sort((a, b) => Date.parse(a.from) - Date.parse(b.from)).slice(0, request.limit);
    const reached = wanted.flatMap(({ id }) => id ?? []);
    const taken = new Set(await takeWindows(tx, reached, owner));
    const added = wanted.filter(({ id }) => id === null);
    const made = new Map(added.length === 0 ? [] : await addWindows(tx, request, added));
    // Its owner was heard of again in between.
    const lost = reached.length - taken.size;
    const windows = wanted
      .filter(({ id }) => id === null || taken.has(id))
      .map(({ id, from, to, readFrom }) => ({ id: id ?? made.get(from) ?? 0, from, to, readFrom }));
    const others = touching.filter((row) => standing(row) === "another's").length + lost;
    return { windows, remaining: open.length + fresh.length - lost, others };
  });
}

const NONE: PeerBounds = { all: [], justPlanned: new Set() };

/** The window of another run, or another worker's clock, may be ahead by so much. */
const AHEAD_MS = 60_000;

/** A live run reads up to where others do. */
function widened({ span, kind }: PlanRequest): Window {
  return kind === 'live' ? { from: span.from, to: moved(span.to, AHEAD_MS) } : span;
}

/** A gap in windows: where a few of others begin and end in it, as theirs are. What little has come since they planned is for the next run. */
function inParts(
  gap: Window,
  { all, justPlanned }: PeerBounds,
  { kind, windowMs, span }: PlanRequest,
  hasOthers: boolean,
): readonly Window[] {
  const inside = all.filter((at) => at > gap.from && at < gap.to);
  const parts = inside.length > MOST_BEHIND ? [gap] : cutAt(gap, inside);
  const [last, ...before] = parts.toReversed();
  const isForNext =
    kind === 'live' &&
    (before.length > 0 || hasOthers) &&
    last?.to === span.to &&
    justPlanned.has(last.from) &&
    !all.includes(last.to);
  return (isForNext ? before.toReversed() : parts).flatMap((part) => split(part, windowMs));
}

function moved(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}

interface TouchingRow {
  readonly id: number;
  readonly from_time: Date;
  readonly to_time: Date;
  readonly read_from: Date;
  readonly state: WindowState;
  /** It belongs to the workflow that asks: of which one run at most is open, so that an earlier one is over. */
  readonly mine: boolean;
  readonly sameRun: boolean;
  readonly leased: boolean;
}

function standing({ state, mine, sameRun, leased }: TouchingRow): 'done' | 'tried' | 'open' | "another's" {
  if (state === 'done') return 'done';
  if (state === 'failed') return mine && sameRun ? 'tried' : 'open';
  return mine || !leased ? 'open' : "another's";
}

/** Of these windows, those that are still open become the owner's. */
async function takeWindows(
  tx: Transaction<Database>,
  ids: readonly number[],
  owner: Owner,
): Promise<readonly number[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: number }>`update windows set state = 'running', begun = false, reason = null,
      owner_workflow = ${owner.workflowId}, owner_run = ${owner.runId}, leased_until = ${leaseEnd()}
    where id = any(${idList(ids)}) and state <> 'done'
      and (state = 'failed' or owner_workflow = ${owner.workflowId} or leased_until <= now())
    returning id`.execute(tx);
  return rows.map(({ id }) => id);
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
        owner_workflow: request.owner.workflowId,
        owner_run: request.owner.runId,
        leased_until: leaseEnd(),
        begun: false,
      })),
    )
    .returning(['id', 'from_time'])
    .execute();
  return rows.map((row) => [row.from_time.toISOString(), row.id] as const);
}

/**
 * Where a pipeline's coverage begins: written down once, at its first live plan, and never moved. Where windows are older than the
 * place for it, that is the first live one, whatever became of it; and where one that reads the same has begun just before, it is there.
 */
export async function beginCoverage(
  db: LedgerDb,
  pipeline: string,
  since: Date,
  peers: readonly string[] = [],
): Promise<Date> {
  await sql`insert into pipelines (name, covered_since) select ${pipeline}, coalesce(
      (select min(from_time) from windows where pipeline = ${pipeline} and kind = 'live'),
      (select max(covered_since) from pipelines where name in (select jsonb_array_elements_text(${JSON.stringify(peers)}::jsonb))
        and covered_since between ${new Date(since.getTime() - AHEAD_MS)}::timestamptz and ${since}::timestamptz),
      ${since}::timestamptz)
    on conflict do nothing`.execute(db);
  return (await coverageBegin(db, pipeline)) ?? since;
}

/** Null before the first live plan. */
export async function coverageBegin(db: LedgerDb, pipeline: string): Promise<Date | null> {
  const { rows } = await sql<{ begin: Date | null }>`select coalesce(
      (select covered_since from pipelines where name = ${pipeline}),
      (select min(from_time) from windows where pipeline = ${pipeline} and kind = 'live')) as begin`.execute(db);
  return rows[0]?.begin ?? null;
}

/** What people are shown: `abandoned` is one whose owner is not heard of any more, and which the next run takes up. */
export type WindowStanding = WindowState | 'abandoned';

export const STANDING = sql<WindowStanding>`case when state = 'running' and leased_until <= now() then 'abandoned' else state end`;

/** All windows of a pipeline that touch a span, oldest first. */
export async function touchingWindows(
  db: LedgerDb,
  pipeline: string,
  span: Window,
): Promise<
  readonly (Window & { readonly state: WindowStanding; readonly kind: WindowKind; readonly reason: string | null })[]
> {
  const rows = await db
    .selectFrom('windows')
    .select(['from_time', 'to_time', 'kind', 'reason', STANDING.as('state')])
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

export async function kindOf(db: LedgerDb, id: number): Promise<WindowKind> {
  const row = await db.selectFrom('windows').select('kind').where('id', '=', id).executeTakeFirstOrThrow();
  return row.kind;
}

export async function failWindow(db: LedgerDb, id: number, reason: string): Promise<void> {
  await db
    .updateTable('windows')
    .set({ state: 'failed', reason })
    .where('id', '=', id)
    .where('state', '<>', 'done')
    .execute();
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
