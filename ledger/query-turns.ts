import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/** Who is not heard of for so long is gone: its worker died. */
export const TURN_LEASE_MS = 15_000;

const LEASE = sql`statement_timestamp() + make_interval(secs => ${TURN_LEASE_MS / 1_000}::float8)`;

/** Joins those who want to query an API, and returns its number in the line. */
export async function joinLine(db: LedgerDb, api: string, urgent: boolean): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with gone as (delete from query_turns where until < statement_timestamp())
    insert into query_turns (api, urgent, until) values (${api}, ${urgent}, ${LEASE}) returning id`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('The ledger gave no number for a query’s turn.');
  return row.id;
}

/** Whether it is the turn's turn: fewer than `width` are running or stand before it. Urgent ones stand before all others. */
export async function takeTurn(db: LedgerDb, api: string, id: number, width: number): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext(${`query_turns ${api}`}))`.execute(tx);
    const { rows } = await sql<{ id: number }>`
      with renewed as (update query_turns set until = ${LEASE} where id = ${id} returning urgent),
      before as (
        select count(*) as count from query_turns t, renewed r
        where t.api = ${api} and t.id <> ${id} and t.until >= statement_timestamp()
          and (t.running or (t.urgent and not r.urgent) or (t.urgent = r.urgent and t.id < ${id}))
      )
      select ${id}::bigint as id from before, renewed where before.count < ${width}`.execute(tx);
    if (rows.length === 0) return false;
    await sql`update query_turns set running = true where id = ${id}`.execute(tx);
    return true;
  });
}

/** Says that the query is still under way. */
export async function keepTurn(db: LedgerDb, id: number): Promise<void> {
  await sql`update query_turns set until = ${LEASE} where id = ${id}`.execute(db);
}

/** The query is over, or nobody waits for it any more. */
export async function endTurn(db: LedgerDb, id: number): Promise<void> {
  await sql`delete from query_turns where id = ${id}`.execute(db);
}
