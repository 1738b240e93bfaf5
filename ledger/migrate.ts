import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { Fault } from '../indicators/fault.ts';
import * as first from './migrations/0001-first.ts';
import * as adaptiveRates from './migrations/0002-adaptive-rates.ts';
import * as queryTurns from './migrations/0003-query-turns.ts';
import * as setAside from './migrations/0004-set-aside.ts';
import * as unreadSlices from './migrations/0005-unread-slices.ts';
import * as windowOwners from './migrations/0006-window-owners.ts';
import * as rateTrials from './migrations/0007-rate-trials.ts';
import * as failing from './migrations/0009-failing.ts';
import * as lookUpFailures from './migrations/0010-look-up-failures.ts';
import * as longValues from './migrations/0011-long-values.ts';
import * as declined from './migrations/0012-declined.ts';
import * as handedOver from './migrations/0013-handed-over.ts';
import * as exclusionEntries from './migrations/0020-exclusion-entries.ts';
import * as heldForms from './migrations/0021-held-forms.ts';
import * as orderedBatches from './migrations/0022-ordered-batches.ts';
import * as ends from './migrations/0023-ends.ts';
import * as keptAnswers from './migrations/0024-kept-answers.ts';
import * as destinationKinds from './migrations/0025-destination-kinds.ts';
import * as artifacts from './migrations/0026-artifacts.ts';
import * as exchanges from './migrations/0027-exchanges.ts';
import type { Database } from './schema.ts';

/** In order. Each only adds, so that workers of the release before go on: CONTRIBUTING has the rule. */
const MIGRATIONS: readonly (readonly [string, { readonly up: (db: QueryExecutorProvider) => Promise<void> }])[] = [
  ['0001-first', first],
  ['0002-adaptive-rates', adaptiveRates],
  ['0003-query-turns', queryTurns],
  ['0004-set-aside', setAside],
  ['0005-unread-slices', unreadSlices],
  ['0006-window-owners', windowOwners],
  ['0007-rate-trials', rateTrials],
  ['0009-failing', failing],
  ['0010-look-up-failures', lookUpFailures],
  ['0011-long-values', longValues],
  ['0012-declined', declined],
  ['0013-handed-over', handedOver],
  ['0020-exclusion-entries', exclusionEntries],
  ['0021-held-forms', heldForms],
  ['0022-ordered-batches', orderedBatches],
  ['0023-ends', ends],
  ['0024-kept-answers', keptAnswers],
  ['0025-destination-kinds', destinationKinds],
  ['0026-artifacts', artifacts],
  ['0027-exchanges', exchanges],
];

/**
 * Brings the ledger up to this release's schema, whole or not at all, and returns the names of the migrations that were missing.
 * Safe to call from several processes at once. One of a newer release is left as it is: it has only more than this one knows.
 */
export async function migrate(db: Kysely<Database>): Promise<readonly string[]> {
  const missing = await missingOf(db);
  if (missing.length === 0) return [];
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtext('migrations of the ledger'))`.execute(tx);
      await sql`create table if not exists kysely_migration (name text primary key, timestamp text not null)`.execute(
        tx,
      );
      const left = await missingOf(tx);
      for (const [name, { up }] of left) {
        await up(tx);
        await sql`insert into kysely_migration values (${name}, ${new Date().toISOString()})`.execute(tx);
      }
      return left.map(([name]) => name);
    });
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'Refused') throw error;
    const names = missing.map(([name]) => name).join(', ');
    throw new Fault(
      'Refused',
      `${error.message} The schema of this release is not there yet (${names}): run mdti-sync worker --migrate-only once as the role that owns the tables.`,
    );
  }
}

async function missingOf(db: QueryExecutorProvider): Promise<typeof MIGRATIONS> {
  const { rows: found } = await sql<{ there: boolean }>`
    select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (found[0]?.there !== true) return MIGRATIONS;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const applied = new Set(rows.map(({ name }) => name));
  return MIGRATIONS.filter(([name]) => !applied.has(name));
}
