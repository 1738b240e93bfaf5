import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../client/dev-server/locate-temporal.ts';
import { startDevServer } from '../client/dev-server/start-dev-server.ts';
import type { Bench } from './figure.ts';

export interface TemporalServer {
  readonly address: string;
  readonly pid: number;
  /** The server's own metrics, as Prometheus reads them. */
  readonly metricsUrl: string;
}

/** A Temporal server with its state in a file, as the demo and the CLI start it; gone with the scope. */
export async function startTemporalServer({ scope, say }: Bench): Promise<TemporalServer> {
  const { path } = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say });
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-bench-temporal-'));
  scope.add(() => rm(folder, { recursive: true, force: true }));
  const logFile = join(folder, 'temporal.log');
  const server = await startDevServer({
    binary: path,
    dbFile: join(folder, 'temporal.db'),
    logFile,
    searchAttributes: {},
  });
  scope.add(() => server.stop());
  const metricsUrl = /http:\/\/\S+\/metrics/.exec(await readFile(logFile, 'utf8'))?.[0];
  if (metricsUrl === undefined) throw new Error('The Temporal server does not say where its metrics are.');
  return { address: server.address, pid: server.pid, metricsUrl };
}
