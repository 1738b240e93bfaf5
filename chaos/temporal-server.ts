import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../bench/scope.ts';
import { cacheFolder } from '../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../client/dev-server/locate-temporal.ts';
import { type DevServer, startDevServer } from '../client/dev-server/start-dev-server.ts';

/** A Temporal server whose state is in a file: started again, it goes on from it. */
export interface TemporalServer {
  readonly address: string;
  readonly logFile: string;
  /** Ends it, by force or in order, waits, and starts it again on the same port. */
  readonly restart: (signal: 'SIGKILL' | 'SIGTERM', downMs: number) => Promise<void>;
  /** Stops it from doing anything for so long, without its noticing. */
  readonly freeze: (forMs: number) => Promise<void>;
}

/** Gone with the scope. */
export async function startTemporalServer(scope: Scope): Promise<TemporalServer> {
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const { path: binary } = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say });
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-chaos-temporal-'));
  scope.add(() => rm(folder, { recursive: true, force: true }));
  const logFile = join(folder, 'temporal.log');
  const start = (port?: number): Promise<DevServer> =>
    startDevServer({
      binary,
      dbFile: join(folder, 'temporal.db'),
      logFile,
      // The stack's own set-up registers them.
      searchAttributes: {},
      ...(port === undefined ? {} : { port }),
    });
  let server = await start();
  scope.add(() => server.stop());
  const { address } = server;
  return {
    address,
    logFile,
    async restart(signal, downMs) {
      process.kill(server.pid, signal);
      await server.exited;
      await sleep(downMs);
      server = await start(Number(address.split(':')[1]));
    },
    async freeze(forMs) {
      process.kill(server.pid, 'SIGSTOP');
      await sleep(forMs);
      process.kill(server.pid, 'SIGCONT');
    },
  };
}
