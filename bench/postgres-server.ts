import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { postgresBinaries } from '../test/postgresql/binaries.ts';
import { createDatabase } from '../test/postgresql/database.ts';
import { startPostgres } from '../test/postgresql/start-postgres.ts';
import type { Bench } from './figure.ts';
import type { Scope } from './scope.ts';

export interface PostgresServer {
  readonly version: string;
  /** Of the server; null for one that LEDGER_URL names: it may be anywhere. */
  readonly pid: number | null;
  /** The address of a new, empty database, which goes with the scope. */
  readonly freshDatabase: (scope: Scope) => Promise<string>;
}

/** As a fresh installation has them; for tests they are laxer. */
const SETTINGS = { fsync: 'on', full_page_writes: 'on', shared_buffers: '128MB' };

/** The PostgreSQL of LEDGER_URL, else one of our own, gone with the scope. */
export async function startPostgresServer({ scope }: Bench): Promise<PostgresServer> {
  const given = process.env['LEDGER_URL'];
  if (given !== undefined && given !== '') return serverAt(given, null);
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-bench-postgres-'));
  scope.add(() => rm(folder, { recursive: true, force: true }));
  const { url, remove } = await startPostgres({ bin: await postgresPrograms(folder), settings: SETTINGS });
  scope.add(remove);
  return serverAt(url, Number(await ask(url, "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")));
}

/** Those of POSTGRES_BIN, else Debian's newest, else of the development dependency. */
export async function postgresPrograms(folder: string): Promise<string> {
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(a) - Number(b)).at(-1);
  if (process.env['POSTGRES_BIN'] || newest === undefined) return postgresBinaries(folder);
  return join(debian, newest, 'bin');
}

async function serverAt(url: string, pid: number | null): Promise<PostgresServer> {
  return {
    version: (await ask(url, 'show server_version')).split(' ')[0] ?? '',
    pid,
    async freshDatabase(scope) {
      const database = await createDatabase(url);
      scope.add(database.drop);
      return database.url;
    },
  };
}

/** The first value of the answer, as text. */
async function ask(url: string, question: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<string[]>({ text: question, rowMode: 'array' });
    return rows[0]?.[0] ?? '';
  } finally {
    await client.end();
  }
}
