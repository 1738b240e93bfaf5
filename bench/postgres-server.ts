import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../client/dev-server/free-port.ts';
import { lastWords, runProgram } from '../client/dev-server/run-program.ts';
import { startProcess } from '../client/dev-server/server-process.ts';
import type { Bench } from './figure.ts';
import type { Scope } from './scope.ts';

export interface PostgresServer {
  readonly version: string;
  /** Of the server; null for one that LEDGER_URL names: it may be anywhere. */
  readonly pid: number | null;
  /** The address of a new, empty database, which goes with the scope. */
  readonly freshDatabase: (scope: Scope) => Promise<string>;
}

/** The PostgreSQL of LEDGER_URL, else one of our own by Debian's packages, gone with the scope; null when there is neither. */
export async function startPostgresServer({ scope, say }: Bench): Promise<PostgresServer | null> {
  const url = process.env['LEDGER_URL'];
  if (url !== undefined && url !== '') return serverAt(url, null);
  const programs = await findPrograms();
  if (programs === null) {
    say('There is no PostgreSQL: LEDGER_URL is not set, and nothing is in /usr/lib/postgresql.');
    return null;
  }
  return startOwn(programs, scope);
}

/** Where Debian has them; the newest version. */
async function findPrograms(): Promise<string | null> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(a) - Number(b)).at(-1);
  return newest === undefined ? null : join(root, newest, 'bin');
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package has made for it. */
async function ownUser(): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (userInfo().uid !== 0) return null;
  const entry = /^postgres:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8'));
  if (entry === null) throw new Error('PostgreSQL does not run as root, and there is no user postgres.');
  return { uid: Number(entry[1]), gid: Number(entry[2]) };
}

async function startOwn(programs: string, scope: Scope): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-bench-postgres-'));
  scope.add(() => rm(folder, { recursive: true, force: true }));
  const user = await ownUser();
  if (user !== null) {
    await chown(folder, user.uid, user.gid);
    await chmod(folder, 0o700);
  }
  const as = (program: string, args: readonly string[]): readonly [string, ...string[]] => {
    const path = join(programs, program);
    return user === null
      ? [path, ...args]
      : ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', path, ...args];
  };
  const data = join(folder, 'data');
  const [initdb, ...initArgs] = as('initdb', ['--pgdata', data, '--username', 'bench', '--auth', 'trust', '--no-sync']);
  const made = await runProgram(initdb, initArgs, { env: process.env, timeoutMs: 60_000 });
  if (made.code !== 0) throw new Error(`PostgreSQL's initdb failed: ${made.trouble ?? lastWords(made.stderr)}`);
  const port = await freePort();
  const settings = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'max_connections=200'];
  const [postgres, ...args] = as('postgres', settings);
  const server = await startProcess(postgres, args, join(folder, 'postgres.log'), process.env);
  scope.add(() => server.stop());
  return serverAt(`postgres://bench@127.0.0.1:${port}/postgres`, server.pid);
}

async function serverAt(url: string, pid: number | null): Promise<PostgresServer> {
  const version = await untilAnswering(url);
  return {
    version,
    pid,
    async freshDatabase(scope) {
      const name = `mdti_sync_bench_${randomUUID().slice(0, 8)}`;
      await execute(url, `create database ${name}`);
      scope.add(() => execute(url, `drop database ${name} with (force)`));
      const own = new URL(url);
      own.pathname = `/${name}`;
      return own.href;
    },
  };
}

const LONGEST_START_MS = 30_000;
const ASK_EVERY_MS = 100;

async function untilAnswering(url: string): Promise<string> {
  const begun = performance.now();
  for (;;) {
    try {
      return await execute(url, 'show server_version');
    } catch (error) {
      if (performance.now() - begun > LONGEST_START_MS) throw error;
      await sleep(ASK_EVERY_MS);
    }
  }
}

/** The first value of the first row, as text; empty when there is none. */
async function execute(url: string, statement: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<string[]>({ text: statement, rowMode: 'array' });
    return rows[0]?.[0] ?? '';
  } finally {
    await client.end();
  }
}
