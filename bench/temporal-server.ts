import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
  return { address: server.address, pid: server.pid, metricsUrl: await metricsUrlIn(logFile) };
}

const LONGEST_MS = 10_000;
const ASK_EVERY_MS = 100;

/** The server tells where its metrics are soon after it serves. */
async function metricsUrlIn(logFile: string): Promise<string> {
  const begun = performance.now();
  while (performance.now() - begun < LONGEST_MS) {
    const url = /http:\/\/\S+\/metrics/.exec(await readFile(logFile, 'utf8'))?.[0];
    if (url !== undefined) return url;
    await sleep(ASK_EVERY_MS);
  }
  throw new Error('The Temporal server does not say where its metrics are.');
}
