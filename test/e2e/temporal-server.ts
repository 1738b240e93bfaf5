import type { TestProject } from 'vitest/node';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { locateTemporal } from '../../client/dev-server/locate-temporal.ts';
import { startDevServer } from '../../client/dev-server/start-dev-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the Temporal server of this test run is. */
    temporalAddress: string;
  }
}

/** One real Temporal server for all end-to-end tests, on whatever ledger; each has pipelines and a task queue of its own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = project.vitest.getRootProject();
  if ('temporalAddress' in root.getProvidedContext()) return undefined;
  const say = (sentence: string): void => {
    process.stderr.write(`${sentence}\n`);
  };
  const { path } = await locateTemporal({ env: process.env, cacheDir: cacheFolder(process.env), say });
  const server = await startDevServer({
    binary: path,
    searchAttributes: {
      MdtiPipeline: 'Keyword',
      MdtiState: 'Keyword',
      MdtiWindowFrom: 'Datetime',
      MdtiWindowTo: 'Datetime',
      MdtiDelivered: 'Int',
      MdtiRejected: 'Int',
    },
  });
  root.provide('temporalAddress', server.address);
  return () => server.stop();
}
