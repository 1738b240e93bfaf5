import { sql } from 'kysely';
import { jsonTexts } from './json-rows.ts';
import type { LedgerDb } from './open-ledger.ts';

/** The last comment of a pipeline on what has a key. */
export interface KeptComment {
  readonly key: string;
  readonly verdict: string;
  readonly text: string;
  readonly writtenBy: number;
  readonly state: 'planned' | 'sent' | 'written';
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
}

export async function keptComments(
  db: LedgerDb,
  pipeline: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, KeptComment>> {
  if (keys.length === 0) return new Map();
  const { rows } =
    await sql<KeptComment>`select c.key, c.verdict, c.text, c.written_by as "writtenBy", c.state, c.sent_at as "sentAt",
      c.ended_at as "endedAt"
    from ${jsonTexts(keys, 'k(key)')}
    join artifact_comments c on c.pipeline = ${pipeline} and c.key = k.key`.execute(db);
  return new Map(rows.map((row) => [row.key, row]));
}

/**
 * Plans a comment on behalf of an artifact, unless one of the same verdict is written, or is being written on behalf of another one, which is
 * there to do so. Returns the one that stands.
 */
export async function planComment(
  db: LedgerDb,
  pipeline: string,
  { key, verdict, text, writtenBy }: Pick<KeptComment, 'key' | 'verdict' | 'text' | 'writtenBy'>,
): Promise<KeptComment> {
  await sql`insert into artifact_comments as c (pipeline, key, verdict, text, written_by, state)
    values (${pipeline}, ${key}, ${verdict}, ${text}, ${writtenBy}, 'planned')
    on conflict (pipeline, key) do update set verdict = excluded.verdict, text = excluded.text, written_by = excluded.written_by,
      state = 'planned', sent_at = null, ended_at = null
    where c.verdict <> excluded.verdict and c.state <> 'sent'`.execute(db);
  await sql`update artifact_comments c set written_by = ${writtenBy}
    where c.pipeline = ${pipeline} and c.key = ${key} and c.state <> 'written' and c.written_by <> ${writtenBy}
      and not exists (select from artifacts a where a.id = c.written_by and a.standing = 'to-write' and a.work ? 'comment')`.execute(
    db,
  );
  const kept = (await keptComments(db, pipeline, [key])).get(key);
  if (kept === undefined) throw new Error('A comment that was planned is there.');
  return kept;
}

/** The one with that text is about to leave. False when somebody else has sent it meanwhile, or planned another one. */
export async function sendComment(
  db: LedgerDb,
  pipeline: string,
  { key, text }: Pick<KeptComment, 'key' | 'text'>,
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`update artifact_comments set state = 'sent', sent_at = ${now}::timestamptz, ended_at = null
    where pipeline = ${pipeline} and key = ${key} and text = ${text} and state = 'planned' returning key`.execute(db);
  return rows.length > 0;
}

/** What has become of it, of the one with that text. */
export async function noteComment(
  db: LedgerDb,
  pipeline: string,
  { key, text }: Pick<KeptComment, 'key' | 'text'>,
  change: { readonly state: 'written' } | { readonly endedAt: Date },
): Promise<void> {
  const set =
    'state' in change ? sql`state = ${change.state}, ended_at = null` : sql`ended_at = ${change.endedAt}::timestamptz`;
  await sql`update artifact_comments set ${set} where pipeline = ${pipeline} and key = ${key} and text = ${text}`.execute(
    db,
  );
}

/** It was declined: nothing of it is there. */
export async function dropComment(
  db: LedgerDb,
  pipeline: string,
  { key, text }: Pick<KeptComment, 'key' | 'text'>,
): Promise<void> {
  await sql`delete from artifact_comments where pipeline = ${pipeline} and key = ${key} and text = ${text} and state <> 'written'`.execute(
    db,
  );
}
