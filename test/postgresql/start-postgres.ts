import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endWithUs } from '../../client/dev-server/end-with-us.ts';
import { freePort } from '../../client/dev-server/free-port.ts';
import { RUN_AS } from './binaries.ts';

export interface PostgresOptions {
  /** The folder with the programs. */
  readonly bin: string;
  /** Over those of `FOR_TESTS`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Written into the data folder, so that settings can name them; only the server can read them. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Postgres {
  /** The database `postgres`, as its superuser. */
  readonly url: string;
  /** Of the process that all others of it are below; another one after each start. */
  readonly pid: () => number;
  /** Breaks all connections off and ends it; its data stay. */
  readonly stop: () => Promise<void>;
  /** Starts it again on the same port. */
  readonly start: () => Promise<void>;
  /** Ends it and deletes its data. */
  readonly remove: () => Promise<void>;
}

const FOR_TESTS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  // What a crash of the machine would lose is of no use to tests.
  fsync: 'off',
  full_page_writes: 'off',
};

/** Another process may take a free port before the server has it. */
const TRIES = 5;

const execute = promisify(execFile);

/** Starts a PostgreSQL of its own on a free port of 127.0.0.1, with its data in a temporary folder. */
export async function startPostgres({ bin, settings = {}, files = {} }: PostgresOptions): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-postgres-'));
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const run = async (program: string, ...args: string[]): Promise<void> => {
    await execute(join(bin, program), args, { ...RUN_AS, cwd: folder });
  };
  const place = async (path: string, text: string): Promise<void> => {
    await writeFile(path, text, { mode: 0o600 });
    await own(path);
  };
  const password = randomBytes(12).toString('hex');
  await own(folder);
  await place(join(folder, 'password'), password);
  const superuser = ['--username', 'postgres', '--pwfile', join(folder, 'password'), '--auth', 'scram-sha-256'];
  await run('initdb', '--pgdata', data, ...superuser, '--encoding', 'UTF8', '--locale', 'C', '--no-sync');
  for (const [name, text] of Object.entries(files)) await place(join(data, name), text);
  const lines = Object.entries({ ...FOR_TESTS, ...settings }).map(([name, value]) => `${name} = '${value}'\n`);
  await place(join(data, 'postgresql.auto.conf'), lines.join(''));

  let release = (): void => undefined;
  let postmaster = 0;
  const start = async (port: number): Promise<void> => {
    await run('pg_ctl', 'start', '--wait', '--pgdata', data, '--log', log, '--options', `-p ${port}`);
    const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
    postmaster = Number(pid);
    release = endWithUs(postmaster);
  };
  const stop = async (): Promise<void> => {
    release();
    await run('pg_ctl', 'stop', '--wait', '--mode', 'fast', '--pgdata', data);
  };
  const port = await firstStart(start, log);
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    pid: () => postmaster,
    stop,
    start: () => start(port),
    async remove() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function firstStart(start: (port: number) => Promise<void>, log: string): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      await start(port);
      return port;
    } catch (cause) {
      const said = await readFile(log, 'utf8').catch(() => '');
      if (attempt === TRIES || !said.includes('could not bind'))
        throw new Error(`PostgreSQL did not start: ${said}`, { cause });
    }
  }
}

async function own(path: string): Promise<void> {
  if (RUN_AS.uid !== undefined) await chown(path, RUN_AS.uid, RUN_AS.gid);
}
