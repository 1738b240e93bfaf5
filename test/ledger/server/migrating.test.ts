import { readdir } from 'node:fs/promises';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { type LedgerDb, type LedgerSettings, migrateLedger, openLedger } from '../../../ledger/open-ledger.ts';
import { planWindows } from '../../../ledger/windows.ts';
import { ownDatabase } from '../../postgresql/own-database.ts';
import { RUN } from '../run.ts';

const ALL = (await readdir('ledger/migrations')).map((file) => file.replace(/\.ts$/, '')).toSorted();

async function open(settings: LedgerSettings): Promise<LedgerDb> {
  const ledger = await openLedger(settings);
  onTestFinished(() => ledger.destroy());
  return ledger;
}

async function migrationsOf(ledger: LedgerDb): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(ledger);
  return rows.map(({ name }) => name);
}

test('workers that start at once bring the ledger up once', async () => {
  const url = await ownDatabase();
  const ledgers = await Promise.all(Array.from({ length: 6 }, () => open({ url, connections: 2 })));
  for (const ledger of ledgers) expect(await migrationsOf(ledger)).toEqual(ALL);
  const added = await Promise.all([migrateLedger({ url }), migrateLedger({ url })]);
  expect(added).toEqual([[], []]);
});

test('says what it added', async () => {
  const url = await ownDatabase();
  const added = await Promise.all([migrateLedger({ url }), migrateLedger({ url }), migrateLedger({ url })]);
  expect(added.toSorted((a, b) => b.length - a.length)).toEqual([ALL, [], []]);
});

test('a migration that fails leaves nothing behind', async () => {
  const url = await ownDatabase();
  const ledger = await open({ url });
  await sql`drop table query_turns`.execute(ledger);
  await sql`delete from kysely_migration where name >= '0002'`.execute(ledger);
  // Its columns are still there, so that it fails after the third has been asked for.
  await expect(openLedger({ url })).rejects.toThrow(/42701/);
  expect(await migrationsOf(ledger)).toEqual(['0001-first']);
});

test('a worker of this release works in a ledger of a newer one', async () => {
  const url = await ownDatabase();
  const newer = await open({ url });
  await sql`alter table windows add column colour text, add column shape text not null default 'round'`.execute(newer);
  await sql`create table shapes (name text primary key)`.execute(newer);
  await sql`insert into kysely_migration values ('9999-shapes', '2027-01-01T00:00:00Z')`.execute(newer);
  const older = await open({ url });
  const { windows } = await planWindows(older, {
    pipeline: 'p',
    kind: 'live',
    owner: RUN,
    span: { from: '2026-11-24T00:00:00Z', to: '2026-11-24T01:00:00Z' },
    windowMs: 3_600_000,
    overlapMs: 0,
    limit: 1,
    now: new Date('2026-11-24T02:00:00Z'),
  });
  expect(windows).toHaveLength(1);
  expect(await migrationsOf(older)).toEqual([...ALL, '9999-shapes']);
});
