import { sql } from 'kysely';
import type { Slice } from '../indicators/window.ts';
import type { LedgerDb } from './open-ledger.ts';

export interface UnreadSlice {
  readonly pipeline: string;
  readonly slice: Slice;
}

/** How often in a row a slice was not to be had, and since when. */
export interface Unread {
  readonly tries: number;
  readonly since: Date;
  /** Its window has gone on without it. */
  readonly isSetAside: boolean;
}

/** Writes down that a slice of a window was asked for and not given. */
export async function noteUnread(
  db: LedgerDb,
  { pipeline, slice, windowId, reason }: UnreadSlice & { readonly windowId: number; readonly reason: string },
  now: Date,
): Promise<Unread> {
  const row = await db
    .insertInto('unread_slices')
    .values({
      pipeline,
      window_id: windowId,
      from_time: slice.from,
      to_time: slice.to,
      bucket: slice.bucket,
      buckets: slice.buckets,
      reason,
      since: now,
      tries: 1,
      due_at: null,
      taken_by: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['pipeline', 'from_time', 'to_time', 'bucket', 'buckets']).doUpdateSet((eb) => ({
        reason: eb.ref('excluded.reason'),
        tries: eb('unread_slices.tries', '+', 1),
      })),
    )
    .returning(['tries', 'since', 'due_at'])
    .executeTakeFirstOrThrow();
  return { tries: row.tries, since: row.since, isSetAside: row.due_at !== null };
}

/** Sets a noted slice aside: its window goes on without it, and a live window reads it again once it is due. */
export async function setSliceAside(db: LedgerDb, unread: UnreadSlice, dueAt: Date): Promise<void> {
  await sql`update unread_slices set due_at = ${dueAt}::timestamptz, taken_by = null where ${isSlice(unread)}`.execute(
    db,
  );
}

/** Its window asks for it in parts from now on: what was noted of it as a whole is past. */
export async function forgetUnread(db: LedgerDb, unread: UnreadSlice): Promise<void> {
  await sql`delete from unread_slices where ${isSlice(unread)}`.execute(db);
}

/** The slice has been read: it, and every part of it, is off the list. Bucket b of n is those of kn that are b modulo n. */
export async function slicesRead(db: LedgerDb, { pipeline, slice }: UnreadSlice): Promise<void> {
  const { from, to, bucket, buckets } = slice;
  await sql`delete from unread_slices where pipeline = ${pipeline}
    and from_time >= ${from}::timestamptz and to_time <= ${to}::timestamptz
    and buckets % ${buckets}::int = 0 and bucket % ${buckets}::int = ${bucket}::int`.execute(db);
}

/** Read again by one window at most: each of them may take as long as a query may run. */
const MOST = 20;
/** How long the window that has taken a slice up is left alone with it. */
const TAKEN_FOR = '1 hour';

/**
 * Gives a live window what was set aside and is due; run again, it is given the same. And a window that begins to be read begins
 * anew: what it has met before, and gone on from, is past.
 */
export async function takeUpUnread(db: LedgerDb, windowId: number, now: Date): Promise<readonly Slice[]> {
  const { rows } = await sql<{ from_time: Date; to_time: Date; bucket: number; buckets: number }>`with past as (
      delete from unread_slices where window_id = ${windowId} and due_at is null
    ), due as (
      select u.id from windows w join unread_slices u on u.pipeline = w.pipeline
      where w.id = ${windowId} and w.kind = 'live' and (u.due_at <= ${now}::timestamptz or u.taken_by = w.id)
      order by u.due_at, u.id limit ${MOST} for update of u skip locked
    )
    update unread_slices u set taken_by = ${windowId}, due_at = ${now}::timestamptz + ${TAKEN_FOR}::interval
    from due where u.id = due.id returning u.from_time, u.to_time, u.bucket, u.buckets`.execute(db);
  return rows.map(sliceOf);
}

export interface SetAsideSlice extends Slice {
  readonly reason: string;
  readonly since: string;
  readonly tries: number;
  /** When a live run reads it again. */
  readonly dueAt: string;
}

/** What of a pipeline was set aside and has not been read since, oldest first. */
export async function setAsideSlices(db: LedgerDb, pipeline: string): Promise<readonly SetAsideSlice[]> {
  const rows = await db
    .selectFrom('unread_slices')
    .select(['from_time', 'to_time', 'bucket', 'buckets', 'reason', 'since', 'tries', 'due_at'])
    .where('pipeline', '=', pipeline)
    .where('due_at', 'is not', null)
    .orderBy('from_time')
    .orderBy('id')
    .execute();
  return rows.map((row) =>
    Object.assign(sliceOf(row), {
      reason: row.reason,
      since: row.since.toISOString(),
      tries: row.tries,
      dueAt: (row.due_at ?? row.since).toISOString(),
    }),
  );
}

function isSlice({ pipeline, slice }: UnreadSlice) {
  return sql`pipeline = ${pipeline} and from_time = ${slice.from}::timestamptz and to_time = ${slice.to}::timestamptz
    and bucket = ${slice.bucket} and buckets = ${slice.buckets}`;
}

function sliceOf(row: {
  readonly from_time: Date;
  readonly to_time: Date;
  readonly bucket: number;
  readonly buckets: number;
}): Slice {
  const { from_time, to_time, bucket, buckets } = row;
  return { from: from_time.toISOString(), to: to_time.toISOString(), bucket, buckets };
}
