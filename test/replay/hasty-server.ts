import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { freePort } from '../../client/dev-server/free-port.ts';
import { locateTemporal } from '../../client/dev-server/locate-temporal.ts';
import { serverArguments } from '../../client/dev-server/server-arguments.ts';
import { startProcess } from '../../client/dev-server/server-process.ts';
import { untilServing } from '../../client/dev-server/until-serving.ts';

/** Far below the server's 4,096: so that a history in which a run continues as a new one is small enough to be kept. */
const SUGGEST_CONTINUE_AS_NEW_AT = 50;

/** A Temporal server that suggests early to continue as new. */
export async function startHastyServer(): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const say = (sentence: string): void => {
    process.stderr.write(`${sentence}\n`);
  };
  const { path } = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say });
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-record-'));
  const port = await freePort();
  const args = [
    ...serverArguments({ port, uiPort: await freePort(), namespace: 'default', searchAttributes: {} }),
    '--dynamic-config-value',
    `limit.historyCount.suggestContinueAsNew=${SUGGEST_CONTINUE_AS_NEW_AT}`,
  ];
  const server = await startProcess(path, args, join(folder, 'temporal.log'), process.env);
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const address = `127.0.0.1:${port}`;
  try {
    await untilServing(address, 'default', AbortSignal.timeout(60_000));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, stop };
}
