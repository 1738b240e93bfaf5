import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/** Who is not heard of for so long is gone: its worker died. */
export const TURN_LEASE_MS = 15_000;

const LEASE = sql`statement_timestamp() + make_interval(secs => ${TURN_LEASE_MS / 1_000}::float8)`;

/** A place in the line before what not all may do at once: an API, or one of the ledger's own tasks. */
export interface Turn {
  /** What one stands in line for. */
  readonly api: string;
  readonly urgent: boolean;
  /** Its number in the line. */
  readonly id: number;
}

/** Joins those who want to query an API. */
export async function joinLine(db: LedgerDb, api: string, urgent: boolean): Promise<Turn> {
  const { rows } = await sql<{ id: number }>`
    with gone as (delete from query_turns where until < statement_timestamp())
    insert into query_turns (api, urgent, until) values (${api}, ${urgent}, ${LEASE}) returning id`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('The ledger gave no number for a query’s turn.');
  return { api, urgent, id: row.id };
}

/**
 * Whether it is the turn's turn: fewer than `width` are running or stand before it. Urgent ones stand before all others. One that was
 * taken for gone, because nothing was heard of it for long, has its old place again.
 */
export async function takeTurn(db: LedgerDb, turn: Turn, width: number): Promise<boolean> {
  const { api, urgent, id } = turn;
  return db.transaction().execute(async (tx) => {
    // Whoever finds another one looking asks again: waiting for him would take a connection.
    const { rows: asked } = await sql<{ alone: boolean }>`with renewed as (${renewal(turn, false)} returning id)
      select pg_try_advisory_xact_lock(hashtext(${`query_turns ${api}`})) as alone from renewed`.execute(tx);
    if (asked[0]?.alone !== true) return false;
    const { rows } = await sql`update query_turns set running = true where id = ${id} and (
        select count(*) from query_turns t
        where t.api = ${api} and t.id <> ${id} and t.until >= statement_timestamp()
          and (t.running or (t.urgent and not ${urgent}) or (t.urgent = ${urgent} and t.id < ${id}))
      ) < ${width} returning id`.execute(tx);
    return rows.length > 0;
  });
}

/** Says that the query is still under way, or still waited for. */
export async function keepTurn(db: LedgerDb, turn: Turn, running: boolean): Promise<void> {
  await renewal(turn, running).execute(db);
}

/** The query is over, or nobody waits for it any more. Should the ledger not be reached, the lease ends by itself. */
export async function endTurn(db: LedgerDb, { id }: Turn): Promise<void> {
  await sql`delete from query_turns where id = ${id}`.execute(db).catch(() => undefined);
}

/** Also of one that others have taken for gone, and away. */
function renewal({ api, urgent, id }: Turn, running: boolean) {
  return sql`insert into query_turns (id, api, urgent, running, until) overriding system value
    values (${id}::bigint, ${api}, ${urgent}, ${running}, ${LEASE}) on conflict (id) do update set until = excluded.until`;
}
