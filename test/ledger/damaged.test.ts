import { cpSync, existsSync } from 'node:fs';
import { mkdtemp, open, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseFault } from '../../ledger/database-fault.ts';
import { type LedgerDb, openLedger, reindexLedger } from '../../ledger/open-ledger.ts';
import { planWindows } from '../../ledger/windows.ts';
import { copyEmptyLedger } from './empty-ledger.ts';
import { RUN } from './run.ts';

const SERVER = { ledger: 'The ledger at db.example.com:5432/mdti_sync', user: 'mdti_worker' };
const fault = (code: string, message: string): Error =>
  databaseFault(Object.assign(new Error(message), { code }), SERVER);

describe('what a database says of itself when it is damaged', () => {
  // In the words of PostgreSQL's sources, and of PGlite.
  test.each([
    ['XX001', 'invalid page in block 0 of relation "base/5/16411"'],
    ['XX001', 'could not read blocks 3..3 in file "base/5/16411": read only 0 of 8192 bytes'],
    ['XX002', 'index "windows_pkey" contains unexpected zero page at block 0'],
    ['58P01', 'could not open file "base/5/16411": No such file or directory'],
    ['58030', 'could not read blocks 3..3 in file "base/5/16411": Input/output error'],
    ['XX000', 'cache lookup failed for type 16411'],
    ['XX000', 'invalid memory alloc request size 18446744073709551613'],
    ['XX000', 'missing chunk number 0 for toast value 16444 in pg_toast_16394'],
    ['', 'memory access out of bounds'],
    ['', 'unreachable'],
    ['', 'Aborted(). Build with -sASSERTIONS for more info.'],
    ['', 'Program terminated with exit(1)'],
  ])('(%s: %s) is for a person, with what to do', (code, message) => {
    const { message: sentence } = fault(code, message);
    expect(fault(code, message)).toMatchObject({ kind: 'Refused' });
    expect(sentence).toMatch(
      /^The ledger at db\.example\.com:5432\/mdti_sync (is damaged|has a broken|has broken down) /,
    );
    expect(sentence).toContain(message);
    expect(sentence).toMatch(/REINDEX.*'mdti-sync worker --reindex'.*restore a backup/);
  });

  test.each([
    ['58000', 'a system error'],
    ['57P03', 'the database system is starting up'],
    ['53100', 'could not extend file "base/5/16411": No space left on device'],
  ])('(%s) passes by itself, and is waited for', (code, message) => {
    expect(fault(code, message)).toMatchObject({ kind: 'Unavailable' });
  });

  test('any other internal error stays one, without its words', () => {
    const other = fault('XX000', 'tuple concurrently updated');
    expect(other.name).toBe('DatabaseError');
    expect(other.message).not.toContain('tuple');
  });
});

describe('an embedded ledger whose files are damaged', () => {
  let folder: string;
  let index: string;
  let table: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mdti-sync-damaged-'));
    copyEmptyLedger(join(folder, 'whole'));
    const ledger = await openLedger({ path: join(folder, 'whole') });
    const fileOf = async (name: string): Promise<string> => {
      const { rows } = await sql<{ path: string }>`select pg_relation_filepath(${name}::regclass) as path`.execute(
        ledger,
      );
      return rows[0]?.path ?? expect.fail();
    };
    [index, table] = [await fileOf('windows_pkey'), await fileOf('windows')];
    await work(ledger);
    await ledger.destroy();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const work = (ledger: LedgerDb) =>
    planWindows(ledger, {
      pipeline: 'p',
      kind: 'live',
      owner: RUN,
      span: { from: '2026-11-24T00:00:00Z', to: '2026-11-24T02:00:00Z' },
      windowMs: 3_600_000,
      overlapMs: 0,
      limit: 2,
      now: new Date(),
    });

  /** A copy of the whole one, after what was done to one of its files. */
  async function damaged(name: string, file: string, how: (path: string) => Promise<void>): Promise<string> {
    const path = join(folder, name);
    cpSync(join(folder, 'whole'), path, { recursive: true });
    await how(join(path, file));
    return path;
  }

  const over = (byte: number) => async (path: string) => {
    const handle = await open(path, 'r+');
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(size, byte), 0, size, 0);
    await handle.close();
  };

  test.each([
    ['zeroed', () => index, over(0), /has a broken index \(XX002: index "windows_pkey" contains unexpected zero page/],
    ['overwritten', () => index, over(0xa5), /is damaged \(XX001: invalid page in block 0/],
    ['gone', () => index, unlink, /is damaged \(58P01: could not open file/],
  ])(
    'says so at the first statement that meets it, and is whole after a reindex: an index that is %s',
    async (name, file, how, sentence) => {
      const path = await damaged(name, file(), how);
      const ledger = await openLedger({ path });
      await expect(work(ledger)).rejects.toMatchObject({ kind: 'Refused', message: expect.stringMatching(sentence) });
      await ledger.destroy();
      await reindexLedger({ path });
      const mended = await openLedger({ path });
      expect((await work(mended)).windows).toHaveLength(2);
      await mended.destroy();
    },
  );

  test('is not made by a reindex where there is none', async () => {
    const path = join(folder, 'nowhere');
    const message = `There is no ledger in ${path}. Nothing was done: check ledger.path or ledger.url, and the folder that the command is run in.`;
    await expect(reindexLedger({ path })).rejects.toMatchObject({ kind: 'Refused', message });
    expect(existsSync(path)).toBe(false);
  });

  test('says so of a table, which no reindex mends', async () => {
    const path = await damaged('table', table, over(0xa5));
    const sentence = expect.stringMatching(/^The embedded ledger is damaged \(XX001: .*restore a backup/);
    const ledger = await openLedger({ path });
    await expect(work(ledger)).rejects.toMatchObject({ kind: 'Refused', message: sentence });
    await ledger.destroy();
    await expect(reindexLedger({ path })).rejects.toMatchObject({ kind: 'Refused', message: sentence });
  });
});
