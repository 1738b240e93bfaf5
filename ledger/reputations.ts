import { sql } from 'kysely';
import type { Reputation, Rule } from '../indicators/reputation.ts';
import { jsonRows, jsonTexts } from './json-rows.ts';
import { dueAt, isLeased } from './look-up-due.ts';
import type { LedgerDb } from './open-ledger.ts';

/** The reputations that are known, by host; with `freshAt`, only those whose time to live has not passed then. */
export async function knownReputations(
  db: LedgerDb,
  hosts: readonly string[],
  freshAt: Date | null,
): Promise<ReadonlyMap<string, Reputation>> {
  if (hosts.length === 0) return new Map();
  const { rows } = await sql<{
    host: string;
    kind: 'scored' | 'none';
    score: number | null;
    classification: string | null;
    rules: readonly Rule[] | null;
  }>`select p.host, p.kind, p.score, p.classification, p.rules
    from ${jsonTexts(hosts, 'h(host)')} join reputations p on p.host = h.host
    where p.kind is not null and p.expires_at > coalesce(${freshAt}::timestamptz, '-infinity')`.execute(db);
  return new Map(rows.map((row) => [row.host, reputationOf(row)]));
}

/** When each of the hosts was asked for the last time with success. */
export async function fetchedAt(db: LedgerDb, hosts: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  if (hosts.length === 0) return new Map();
  const { rows } = await sql<{ host: string; fetched_at: Date }>`select p.host, p.fetched_at
    from ${jsonTexts(hosts, 'h(host)')} join reputations p on p.host = h.host where p.fetched_at is not null`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.host, row.fetched_at]));
}

/** Some of the reputations that are known, without order or preference. */
export async function someReputations(db: LedgerDb, most: number): Promise<readonly Reputation[]> {
  const rows = await db
    .selectFrom('reputations')
    .select(['kind', 'score', 'classification', 'rules'])
    .where('kind', 'is not', null)
    .orderBy(sql`hashtext(host)`)
    .limit(most)
    .execute();
  return rows.map(reputationOf);
}

/**
 * Takes the look-up of hosts that nobody knows, nobody else is looking up, and that are not to wait after a failure. The lease
 * ends by itself, so that a worker that dies holds nobody up for longer than `leaseMs`; the same `by` may take its own again.
 */
export async function claimHosts(
  db: LedgerDb,
  hosts: readonly string[],
  by: string,
  leaseMs: number,
  now: Date,
): Promise<readonly string[]> {
  if (hosts.length === 0) return [];
  const until = new Date(now.getTime() + leaseMs);
  const rows = inOrder(hosts.map((host) => ({ host })));
  const claimed = await sql<{ host: string }>`insert into reputations (host, leased_until, leased_by)
    select r.host, ${until}::timestamptz, ${by}::text from ${jsonRows(rows, 'host text')}
    on conflict (host) do update set leased_until = excluded.leased_until, leased_by = excluded.leased_by
    where (reputations.expires_at is null or reputations.expires_at <= ${now}::timestamptz)
      and (not ${isLeased(now)} or reputations.leased_by = excluded.leased_by)
      and coalesce(${dueAt(now)} <= ${now}::timestamptz, true)
    returning host`.execute(db);
  return claimed.rows.map((row) => row.host);
}

/** For as long as a look-up is under way: nobody else is to ask for the same host. */
export async function renewLeases(db: LedgerDb, by: string, leaseMs: number, now: Date): Promise<void> {
  const until = new Date(now.getTime() + leaseMs);
  await sql`update reputations p set leased_until = ${until}::timestamptz
    from (select host from reputations where leased_by = ${by} order by host collate "C" for update) as mine
    where p.host = mine.host`.execute(db);
}

export async function releaseHosts(db: LedgerDb, by: string): Promise<void> {
  await sql`update reputations p set leased_until = null, leased_by = null
    from (select host from reputations where leased_by = ${by} order by host collate "C" for update) as mine
    where p.host = mine.host`.execute(db);
}

export async function saveReputations(
  db: LedgerDb,
  known: readonly { readonly host: string; readonly reputation: Reputation; readonly expiresAt: Date }[],
  now: Date,
): Promise<void> {
  if (known.length === 0) return;
  const rows = inOrder(known).map(({ host, reputation, expiresAt }) => ({
    host,
    kind: reputation.kind,
    score: reputation.kind === 'scored' ? reputation.score : null,
    classification: reputation.kind === 'scored' ? reputation.classification : null,
    rules: reputation.kind === 'scored' ? reputation.rules : null,
    expires_at: expiresAt.toISOString(),
  }));
  await sql`insert into reputations (host, kind, score, classification, rules, fetched_at, expires_at)
    select r.host, r.kind, r.score, r.classification, r.rules, ${now}::timestamptz, r.expires_at
    from ${jsonRows(rows, 'host text, kind text, score integer, classification text, rules jsonb, expires_at timestamptz')}
    on conflict (host) do update set kind = excluded.kind, score = excluded.score,
      classification = excluded.classification, rules = excluded.rules, fetched_at = excluded.fetched_at,
      expires_at = excluded.expires_at, leased_until = null, leased_by = null,
      failures = 0, try_at = null, given_up = null, failure = null`.execute(db);
}

/** Whoever writes several hosts does so in one order, so that nobody waits for one who waits for him. */
export function inOrder<T extends { readonly host: string }>(rows: readonly T[]): readonly T[] {
  return rows.toSorted((a, b) => (a.host < b.host ? -1 : 1));
}

/** A stored row as a reputation; a row that is still being looked up has none. */
function reputationOf(row: {
  readonly kind: 'scored' | 'none' | null;
  readonly score: number | null;
  readonly classification: string | null;
  readonly rules: readonly Rule[] | null;
}): Reputation {
  if (row.kind !== 'scored') return { kind: 'none' };
  return {
    kind: 'scored',
    score: row.score ?? 0,
    classification: row.classification ?? 'unknown',
    rules: row.rules ?? [],
  };
}
