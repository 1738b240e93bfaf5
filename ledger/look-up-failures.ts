import { sql } from 'kysely';
import type { LookUpEffort } from '../indicators/look-up-effort.ts';
import type { LookUpGivenUp } from '../indicators/policy.ts';
import { jsonRows } from './json-rows.ts';
import { dueAt } from './look-up-due.ts';
import type { LedgerDb } from './open-ledger.ts';
import { inOrder } from './reputations.ts';

export interface FailedLookUp extends LookUpEffort {
  /** A sentence, without the host. */
  readonly failure: string;
}

/** Those of the hosts whose look-up failed the last time, whoever tried it. */
export async function failedLookUps(
  db: LedgerDb,
  hosts: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, FailedLookUp>> {
  if (hosts.length === 0) return new Map();
  const { rows } = await sql<{
    host: string;
    failures: number;
    try_at: Date;
    given_up: LookUpGivenUp | null;
    failure: string | null;
  }>`select host, failures, ${dueAt(now)} as try_at, given_up, failure
    from jsonb_array_elements_text(${JSON.stringify(hosts)}::jsonb) as h(host) join reputations using (host)
    where try_at is not null`.execute(db);
  return new Map(
    rows.map(({ host, failures, try_at: tryAt, given_up: givenUp, failure }) => [
      host,
      { failures, tryAt, givenUp, failure: failure ?? '' },
    ]),
  );
}

/** Writes down that the look-up of hosts failed once more, and lets go of them; what somebody else has found since stands. */
export async function recordFailedLookUps(
  db: LedgerDb,
  failed: readonly (FailedLookUp & { readonly host: string })[],
  by: string,
): Promise<void> {
  if (failed.length === 0) return;
  const rows = inOrder(failed).map(({ host, failures, tryAt, givenUp, failure }) => ({
    host,
    failures,
    try_at: tryAt.toISOString(),
    given_up: givenUp,
    failure,
  }));
  await sql`update reputations p set failures = r.failures, try_at = r.try_at, given_up = r.given_up,
      failure = r.failure, leased_until = null, leased_by = null
    from (select r.*
      from ${jsonRows(rows, 'host text, failures integer, try_at timestamptz, given_up text, failure text')}
        join reputations mine on mine.host = r.host
      where mine.leased_by = ${by} order by mine.host collate "C" for update of mine) as r
    where p.host = r.host`.execute(db);
}
