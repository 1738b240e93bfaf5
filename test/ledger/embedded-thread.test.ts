import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedDatabase, openDatabase } from '../../ledger/embedded-database.ts';
import { openThreaded } from '../../ledger/threaded-database.ts';

/** As the build has made it: a thread does not run from sources. */
const THREAD = pathToFileURL(join(process.cwd(), 'dist/ledger/embedded-thread.js'));

let folder: string;
let here: EmbeddedDatabase;
let threaded: EmbeddedDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync-thread-'));
  here = await openDatabase({ path: join(folder, 'here'), prepared: null });
  threaded = await openThreaded(THREAD, { path: join(folder, 'threaded'), prepared: null });
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
  await expect(openThreaded(THREAD, { path: join(file, 'below'), prepared: null })).rejects.toThrow(
    /ENOTDIR|not a dir/,
  );
});

test('one that was closed answers nothing more, and does not keep anybody waiting', async () => {
  const other = await openThreaded(THREAD, { path: join(folder, 'other'), prepared: null });
  await other.close();
  await expect(other.query('select 1', [])).rejects.toThrow('has ended');
});
