import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type LedgerDb, migrateLedger, openLedger } from '../../../ledger/open-ledger.ts';
import { recordSlice } from '../../../ledger/record-slice.ts';
import { refreshStatistics } from '../../../ledger/statistics.ts';
import { planWindows } from '../../../ledger/windows.ts';
import { asSuperuser } from '../../postgresql/database.ts';
import { type Postgres, startPostgres } from '../../postgresql/start-postgres.ts';
import { observation } from '../observation.ts';
import { RUN } from '../run.ts';

/** Roles belong to a whole server. */
let server: Postgres;
let makeRoles: readonly string[];
let grant: readonly string[];

beforeAll(async () => {
  const page = await readFile('docs/ledger.md', 'utf8');
  const [first, second] = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, block = '']) =>
    block.split(';').filter((statement) => statement.trim() !== ''),
  );
  makeRoles = first ?? [];
  grant = second ?? [];
  server = await startPostgres({ bin: inject('postgres').bin });
  await asSuperuser(server.url, ...makeRoles);
});
afterAll(() => server.remove());

function as(role: 'owner' | 'worker'): { readonly url: string } {
  const url = new URL(server.url);
  url.username = `mdti_${role}`;
  url.password = `${role.toUpperCase()}-PASSWORD`;
  url.pathname = 'mdti_sync';
  return { url: url.href };
}

async function withLedger<T>(role: 'owner' | 'worker', work: (ledger: LedgerDb) => Promise<T>): Promise<T> {
  const ledger = await openLedger(as(role));
  try {
    return await work(ledger);
  } finally {
    await ledger.destroy();
  }
}

test('a role that may not make tables says what to run', async () => {
  await expect(openLedger(as('worker'))).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringMatching(
      /does not allow user mdti_worker what is needed: permission denied for schema public\..* \(0001-first, .*\): run mdti-sync worker --migrate-only once as the role that owns the tables\./,
    ),
  });
});

test('with what the documentation grants, the worker works, and can do nothing else', async () => {
  expect(await migrateLedger(as('owner'))).toContain('0001-first');
  await asSuperuser(as('owner').url, ...grant);
  await withLedger('worker', async (ledger) => {
    const now = new Date('2026-11-24T02:00:00Z');
    const span = { from: '2026-11-24T00:00:00Z', to: '2026-11-24T01:00:00Z' };
    const { windows } = await planWindows(ledger, {
      pipeline: 'p',
      kind: 'live',
      owner: RUN,
      span,
      windowMs: 3_600_000,
      overlapMs: 0,
      limit: 1,
      now,
    });
    const slice = { pipeline: 'p', windowId: windows[0]?.id ?? 0, slice: '0/1', malformed: [], now };
    const observations = [observation('a.com'), observation('b.com')];
    expect(await recordSlice(ledger, { ...slice, observations, exclude: () => null })).toMatchObject({ new: 2 });
    await refreshStatistics(ledger);
    await sql`delete from slices`.execute(ledger);
    for (const statement of [
      'create table mine ()',
      'create temporary table mine ()',
      'alter table windows add column mine text',
      'drop table quarantine',
      'truncate quarantine',
      `insert into kysely_migration values ('9999', '')`,
    ]) {
      await expect(sql.raw(statement).execute(ledger), statement).rejects.toMatchObject({ kind: 'Refused' });
    }
  });
});

test('tables of a later release are granted by themselves', async () => {
  await withLedger('owner', (ledger) => sql`create table later (name text)`.execute(ledger));
  await withLedger('worker', (ledger) => sql`insert into later values ('a')`.execute(ledger));
});

test('a worker of a newer release waits for the owner to migrate', async () => {
  await withLedger('owner', (ledger) => sql`delete from kysely_migration where name > '0001-first'`.execute(ledger));
  await expect(openLedger(as('worker'))).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringContaining('run mdti-sync worker --migrate-only once'),
  });
});
