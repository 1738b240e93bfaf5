import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedDatabase, openDatabase } from '../../ledger/embedded-database.ts';
import { openThreaded } from '../../ledger/threaded-database.ts';

/** As the build has made it: a thread does not run from sources. */
const THREAD = pathToFileURL(join(process.cwd(), 'dist/ledger/embedded-thread.js'));
const prepared = new Uint8Array(await readFile('dist/ledger/prepared.tgz'));

let folder: string;
let here: EmbeddedDatabase;
let threaded: EmbeddedDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-thread-'));
  here = await openDatabase({ path: join(folder, 'here'), prepared });
  threaded = await openThreaded(THREAD, { path: join(folder, 'threaded'), prepared });
  for (const database of [here, threaded]) {
    await database.query('create table things (id bigint primary key, at timestamptz, said jsonb, names text[])', []);
  }
});

afterAll(async () => {
  await threaded.close();
  await here.close();
  await rm(folder, { recursive: true, force: true });
});

test('values cross as they are', async () => {
  const row = [7, new Date('2026-11-24T08:00:00.123Z'), JSON.stringify({ a: [1, null, 'x'] }), ['a', 'b']];
  const insert = 'insert into things values ($1, $2, $3::jsonb, $4) returning id, at, said, names, null as nothing';
  const answers = [await here.query(insert, row), await threaded.query(insert, row)];
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[1]).toMatchObject({ rows: [{ id: 7, at: row[1], nothing: null }], affectedRows: 1 });
});

test('a statement that is refused says what it says without a thread, and the next one runs', async () => {
  const wrong = async (database: EmbeddedDatabase): Promise<unknown> =>
    database.query('insert into things (id) values (8), (8)', []).catch((error: unknown) => error);
  const { message, code, constraint } = Object(await wrong(here));
  expect({ code, constraint }).toEqual({ code: '23505', constraint: 'things_pkey' });
  expect(await wrong(threaded)).toMatchObject({ message, code, constraint });
  expect((await threaded.query('select 1 as one', [])).rows).toEqual([{ one: 1 }]);
});

test('one that cannot be opened says so', async () => {
  const file = join(folder, 'a file');
  await writeFile(file, '');
  await expect(openThreaded(THREAD, { path: join(file, 'below'), prepared })).rejects.toThrow(/ENOTDIR|not a dir/);
});

test('one that was closed answers nothing more, and does not keep anybody waiting', async () => {
  const other = await openThreaded(THREAD, { path: join(folder, 'other'), prepared });
  await other.close();
  await expect(other.query('select 1', [])).rejects.toThrow('has ended');
});

describe('a database that ends without being closed', () => {
  const said: string[] = [];
  const onDeath = (why: string): void => void said.push(why);
  beforeEach(() => {
    said.length = 0;
  });

  /** PostgreSQL cannot go on without its journal, and ends itself. */
  async function loseJournal(path: string, database: EmbeddedDatabase): Promise<void> {
    await rename(join(path, 'pg_wal'), join(path, 'elsewhere'));
    await database.query('create table written (id bigint)', []);
    await database.query('select pg_switch_wal()', []);
    await expect(database.query('insert into written values (1)', [])).rejects.toThrow('pg_wal');
  }

  test.each<readonly [string, (path: string) => Promise<EmbeddedDatabase>]>([
    ['here', (path) => openDatabase({ path, prepared }, onDeath)],
    ['in a thread', (path) => openThreaded(THREAD, { path, prepared }, onDeath)],
  ])('%s, says so once, answers nothing more, and can be closed', async (name, open) => {
    const path = join(folder, `ends ${name}`);
    const database = await open(path);
    await loseJournal(path, database);
    expect(said).toEqual([expect.stringMatching(/could not create .*pg_wal.*No such file or directory/)]);
    // Not at work on it for ever, as PGlite would be.
    await expect(database.query('select 1', [])).rejects.toThrow('pg_wal');
    await database.close();
    expect(said).toHaveLength(1);
  });

  test('because its thread has, in the middle of a statement, keeps nobody waiting', async () => {
    const path = join(folder, 'killed');
    let thread: Worker | null = null;
    process.once('worker', (one) => {
      thread = one;
    });
    const database = await openThreaded(THREAD, { path, prepared }, onDeath);
    const long = expect(database.query('select pg_sleep(3600)', [])).rejects.toThrow('has ended with exit code 1');
    await Object(thread).terminate();
    await long;
    expect(said).toEqual(['its thread has ended with exit code 1']);
    await expect(database.query('select 1', [])).rejects.toThrow('has ended');
    await database.close();
  });

  test('is not one that was closed', async () => {
    const database = await openThreaded(THREAD, { path: join(folder, 'closed'), prepared }, onDeath);
    await database.close();
    expect(said).toEqual([]);
  });
});
