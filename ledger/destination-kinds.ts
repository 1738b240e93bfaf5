import { sql } from 'kysely';
import type { LedgerDb } from './open-ledger.ts';

/** The kind of destination that holds what a pipeline has delivered, where it is another one than this; null where it is not. */
export async function otherKind(db: LedgerDb, pipeline: string, kind: string): Promise<string | null> {
  const { rows } = await sql<{ destination: string }>`select destination from pipelines p
    where name = ${pipeline} and destination <> ${kind} and exists (
      select 1 from deliveries d join indicators i on i.id = d.indicator_id where i.pipeline = p.name
        and (d.hash is not null or d.may_hold is not null or d.state = 'pending'))`.execute(db);
  return rows[0]?.destination ?? null;
}

/** Writes down the kind of destination that a pipeline delivers to, once it has a beginning. */
export async function noteKind(db: LedgerDb, pipeline: string, kind: string): Promise<void> {
  await sql`update pipelines set destination = ${kind} where name = ${pipeline} and destination is distinct from ${kind}`.execute(
    db,
  );
}
