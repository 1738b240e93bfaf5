import { sql } from 'kysely';
import { expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../../../client/dev-server/free-port.ts';
import { type LedgerDb, openLedger } from '../../../ledger/open-ledger.ts';
import type { ServerSettings } from '../../../ledger/open-server.ts';
import { ownDatabase } from '../../postgresql/own-database.ts';
import { startPostgres } from '../../postgresql/start-postgres.ts';

/** The address of an own database, changed. */
async function address(change: (url: URL) => void): Promise<string> {
  const url = new URL(await ownDatabase());
  change(url);
  return url.href;
}

async function open(settings: ServerSettings): Promise<LedgerDb> {
  const ledger = await openLedger(settings);
  onTestFinished(() => ledger.destroy());
  return ledger;
}

const SECRET = 'c0rrect-horse';

test.each<readonly [string, string, (url: URL) => void, RegExp]>([
  [
    'a wrong password',
    'Refused',
    (url) => (url.password = SECRET),
    /^The ledger at 127\.0\.0\.1:\d+\/test_\w+ did not accept the password of user postgres\. /,
  ],
  [
    'no such database',
    'Refused',
    (url) => (url.pathname = 'nowhere'),
    /\/nowhere is not there: the server has no such database\. /,
  ],
  [
    'no such host',
    'Unavailable',
    (url) => (url.hostname = 'nowhere.invalid'),
    /at nowhere\.invalid:\d+\/test_\w+ was not found/,
  ],
  [
    'TLS at a server without',
    'Refused',
    (url) => url.searchParams.set('sslmode', 'verify-full'),
    /does not speak TLS\. .*sslmode=disable/,
  ],
  [
    'an unknown sslmode',
    'Refused',
    (url) => url.searchParams.set('sslmode', 'prefer'),
    /has an sslmode that is not known here/,
  ],
])('%s is a sentence', async (_, kind, change, sentence) => {
  const opening = openLedger({ url: await address(change) });
  await expect(opening).rejects.toMatchObject({ name: 'Fault', kind, message: expect.stringMatching(sentence) });
});

test('a server that does not listen is a sentence, and unavailable', async () => {
  const port = await freePort();
  await expect(openLedger({ url: `postgres://me:${SECRET}@127.0.0.1:${port}/db` })).rejects.toMatchObject({
    kind: 'Unavailable',
    message: expect.stringMatching(/^The ledger at 127\.0\.0\.1:\d+\/db cannot be reached: nothing listens there\./),
  });
});

test.each([
  SECRET,
  `me:${SECRET}@db`,
  `https://me:${SECRET}@db/x`,
  `postgres://me:${SECRET}@[db/x`,
  `postgres://me:${SECRET}%zz@db/x`,
])('an address that is none is not repeated', async (url) => {
  const error: unknown = await openLedger({ url }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'Refused', message: expect.stringContaining('address of the ledger is none') });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(SECRET)).toBe(false);
});

test('a wrong password is in no part of the error', async () => {
  const url = await address((at) => (at.password = SECRET));
  const error: unknown = await openLedger({ url }).catch((thrown: unknown) => thrown);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(SECRET)).toBe(false);
});

test('an address without a password is a sentence', async () => {
  // Of its own: the server keeps such a connection for a minute, and until then deletes no database.
  const server = await startPostgres({ bin: inject('postgres').bin });
  onTestFinished(() => server.remove());
  const url = new URL(server.url);
  url.password = '';
  await expect(openLedger({ url: url.href })).rejects.toMatchObject({
    kind: 'Refused',
    message: expect.stringMatching(/wants a password/),
  });
});

test('says who it is', async () => {
  const ledger = await open({ url: await ownDatabase() });
  const { rows } = await sql`select application_name from pg_stat_activity where pid = pg_backend_pid()`.execute(
    ledger,
  );
  expect(rows).toEqual([{ application_name: 'mdti-sync' }]);
});

test('keeps to its connections, and breaks a statement off that takes too long', async () => {
  const ledger = await open({ url: await ownDatabase(), connections: 2, statementTimeoutMs: 200 });
  await Promise.all(Array.from({ length: 8 }, () => sql`select pg_sleep(0.01)`.execute(ledger)));
  const { rows } =
    await sql`select count(*)::int as mine from pg_stat_activity where datname = current_database()`.execute(ledger);
  expect(rows).toEqual([{ mine: 2 }]);
  await expect(sql`select pg_sleep(30)`.execute(ledger)).rejects.toMatchObject({
    kind: 'Unavailable',
    message: expect.stringContaining('did not finish a statement within ledger.statementTimeout'),
  });
  expect((await sql`select 1 as one`.execute(ledger)).rows).toEqual([{ one: 1 }]);
});

test('goes on when the server was started again, and is unavailable meanwhile', async () => {
  const server = await startPostgres({ bin: inject('postgres').bin });
  onTestFinished(() => server.remove());
  const ledger = await open({ url: server.url, connections: 3 });
  const ask = () => sql`select 1 as one`.execute(ledger);
  await Promise.all([ask(), ask(), ask()]);
  // One connection is idle, one at work, one in a transaction between two statements.
  const working = sql`select pg_sleep(60)`.execute(ledger);
  const broken = expect(working).rejects.toMatchObject({ kind: 'Unavailable' });
  const between = ledger.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx);
    await server.stop();
    await sql`select 1`.execute(tx);
  });
  await expect(between).rejects.toMatchObject({ name: 'Fault', kind: 'Unavailable' });
  await broken;
  await expect(ask()).rejects.toMatchObject({ kind: 'Unavailable' });
  await server.start();
  expect((await ask()).rows).toEqual([{ one: 1 }]);
});

test('an error of the database tells nothing of the rows', async () => {
  const ledger = await open({ url: await ownDatabase() });
  const value = 'evil.example.com';
  const insert = () =>
    sql`insert into indicators (pipeline, type, value, facts, sources, content_hash)
      values ('p', 'domain', ${value}, '{}', '[]', 'hash')`.execute(ledger);
  await insert();
  const twice: unknown = await insert().catch((thrown: unknown) => thrown);
  expect(twice).toMatchObject({ name: 'DatabaseError', code: '23P01', table: 'indicators' });
  const wrong: unknown = await sql`select ${value}::integer`.execute(ledger).catch((thrown: unknown) => thrown);
  expect(wrong).toMatchObject({ message: expect.stringMatching(/refused a statement \(22P02\)\.$/) });
  for (const error of [twice, wrong]) {
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(value)).toBe(false);
  }
});
