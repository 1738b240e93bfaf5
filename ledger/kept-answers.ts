import { sql, type Transaction } from 'kysely';
import type { SourceRow } from '../indicators/source-row.ts';
import type { Slice, Window } from '../indicators/window.ts';
import type { KeptCount, KeptSlice } from './kept-answer.ts';
import type { LedgerDb } from './open-ledger.ts';
import type { Database } from './schema.ts';

/** A question to a source: of a slice, or of how many rows there are. */
export interface Question {
  readonly source: string;
  readonly of: Window | Slice;
}

/** Who is not heard of for so long does not ask any more: its worker died. */
export const READ_LEASE_MS = 30_000;

const LEASE = sql`statement_timestamp() + make_interval(secs => ${READ_LEASE_MS / 1_000}::float8)`;

/** What was asked before that is no longer kept for others, who then ask themselves. */
export const KEPT_FOR_MS = 6 * 60 * 60_000;
/** So much text is kept of one source; of what is more, each asks by itself. */
const MOST_KEPT = 256 * 1024 * 1024;

export type Standing =
  /** It is for the asker to ask. */
  | 'mine'
  /** Another one is asking. */
  | 'busy'
  | 'too large'
  /** It has been asked; `id` names the answer. */
  | { readonly id: number; readonly answer: KeptCount | KeptSlice };

/**
 * Takes a question that nobody has asked or is asking. The lease ends by itself, so that one that dies holds nobody up for long; and a
 * live run takes it from one that is not.
 */
export async function claimQuestion(
  db: LedgerDb,
  question: Question,
  { by, urgent, now }: { readonly by: string; readonly urgent: boolean; readonly now: Date },
): Promise<Standing> {
  const { source, from, to, bucket, buckets } = keyOf(question);
  const { rows: mine } = await sql`insert into kept_answers as s
      (source, from_time, to_time, bucket, buckets, state, urgent, leased_by, leased_until, asked_at)
    values (${source}, ${from}, ${to}, ${bucket}, ${buckets}, 'reading', ${urgent}, ${by}, ${LEASE}, ${now}::timestamptz)
    on conflict (source, from_time, to_time, bucket, buckets) do update
      set leased_by = excluded.leased_by, leased_until = excluded.leased_until, urgent = excluded.urgent, asked_at = excluded.asked_at
    where s.state = 'reading' and (s.leased_until <= statement_timestamp() or (excluded.urgent and not s.urgent))
    returning id`.execute(db);
  if (mine.length > 0) return 'mine';
  const { rows } = await sql<{
    id: number;
    state: 'reading' | 'read' | 'too-large';
    answer: KeptCount | KeptSlice | null;
  }>`select id, state, answer from kept_answers where ${isOf(question)}`.execute(db);
  const [found] = rows;
  if (found?.state === 'too-large') return 'too large';
  // Or nobody is any more, since just now: whoever looks again finds it free.
  if (found === undefined || found.answer === null) return 'busy';
  return { id: found.id, answer: found.answer };
}

/** Says that it is still being asked. */
export async function renewQuestion(db: LedgerDb, question: Question, by: string): Promise<void> {
  await sql`update kept_answers set leased_until = ${LEASE} where ${isOf(question)} and leased_by = ${by}`.execute(db);
}

/** It was asked in vain, or is of use to nobody else: whoever comes next asks. */
export async function releaseQuestion(db: LedgerDb, question: Question, by: string): Promise<void> {
  await sql`delete from kept_answers where ${isOf(question)} and leased_by = ${by}`.execute(db);
}

/** Tells others that it is too large to be asked at once, so that they need not find out. */
export async function keepTooLarge(db: LedgerDb, question: Question, by: string): Promise<void> {
  await sql`update kept_answers set state = 'too-large', leased_by = null
    where ${isOf(question)} and leased_by = ${by}`.execute(db);
}

export async function keepCount(db: LedgerDb, question: Question, by: string, answer: KeptCount): Promise<void> {
  await sql`update kept_answers set state = 'read', leased_by = null, answer = ${JSON.stringify(answer)}::json
    where ${isOf(question)} and leased_by = ${by}`.execute(db);
}

/** The same count is the answer to this question, too. */
export async function addCount(db: LedgerDb, question: Question, answer: KeptCount, now: Date): Promise<void> {
  const { source, from, to, bucket, buckets } = keyOf(question);
  await sql`insert into kept_answers (source, from_time, to_time, bucket, buckets, state, urgent, answer, asked_at)
    values (${source}, ${from}, ${to}, ${bucket}, ${buckets}, 'read', false, ${JSON.stringify(answer)}::json, ${now}::timestamptz)
    on conflict do nothing`.execute(db);
}

/** Keeps the rows of a slice, in parts, for those who want them; where too much is kept already, nothing. */
export async function keepRows(
  db: LedgerDb,
  question: Question,
  by: string,
  {
    parts,
    size,
    wantedBy,
    ...answer
  }: KeptSlice & {
    readonly parts: readonly (readonly SourceRow[])[];
    readonly size: number;
    readonly wantedBy: readonly string[];
  },
): Promise<void> {
  const isKept = await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{
      id: number;
    }>`update kept_answers set state = 'read', leased_by = null, size = ${size}::bigint,
        answer = ${JSON.stringify(answer)}::json, wanted_by = ${JSON.stringify(wantedBy)}::jsonb
      where ${isOf(question)} and leased_by = ${by}
        and ${size}::bigint + (select coalesce(sum(size), 0) from kept_answers where source = ${question.source}) <= ${MOST_KEPT}
      returning id`.execute(tx);
    const [row] = rows;
    if (row !== undefined) await addParts(tx, row.id, parts);
    return row !== undefined;
  });
  if (!isKept) await releaseQuestion(db, question, by);
}

async function addParts(
  tx: Transaction<Database>,
  id: number,
  parts: readonly (readonly SourceRow[])[],
): Promise<void> {
  for (const [part, rows] of parts.entries()) {
    await sql`insert into kept_rows (read_id, part, rows) values (${id}, ${part}, ${JSON.stringify(rows)}::json)`.execute(
      tx,
    );
  }
}

/** The rows that a slice was answered with; null when they are no longer kept. */
export async function keptRows(db: LedgerDb, id: number): Promise<readonly SourceRow[] | null> {
  const parts = await db.selectFrom('kept_rows').select('rows').where('read_id', '=', id).orderBy('part').execute();
  if (parts.length > 0) return parts.flatMap(({ rows }) => rows);
  const there = await db.selectFrom('kept_answers').select('size').where('id', '=', id).executeTakeFirst();
  return there === undefined || there.size > 0 ? null : [];
}

/** A pipeline has what it wanted of a slice; once all have, it is gone. */
export async function rowsTaken(db: LedgerDb, question: Question, pipeline: string): Promise<void> {
  await sql`update kept_answers set wanted_by = wanted_by - ${pipeline}::text
    where ${isOf(question)} and wanted_by ? ${pipeline}::text`.execute(db);
  await sql`delete from kept_answers where ${isOf(question)} and state = 'read' and wanted_by = '[]'`.execute(db);
}

export async function forgetOldAnswers(db: LedgerDb, now: Date): Promise<void> {
  await sql`delete from kept_answers where asked_at < ${new Date(now.getTime() - KEPT_FOR_MS)}::timestamptz`.execute(
    db,
  );
}

function keyOf({ source, of }: Question) {
  const [from, to] = [sql`${of.from}::timestamptz`, sql`${of.to}::timestamptz`];
  return 'bucket' in of
    ? { source, from, to, bucket: of.bucket, buckets: of.buckets }
    : { source, from, to, bucket: 0, buckets: 0 };
}

function isOf(question: Question) {
  const { source, from, to, bucket, buckets } = keyOf(question);
  return sql`source = ${source} and from_time = ${from} and to_time = ${to}
    and bucket = ${bucket}::int and buckets = ${buckets}::int`;
}
