import type { TestProject } from 'vitest/node';
import { cacheFolder } from '../../client/dev-server/cache-folder.ts';
import { locateProgram } from '../../client/dev-server/locate-temporal.ts';
import { TEST_SERVER } from './test-server-program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the time-skipping test server. */
    testServer: string;
  }
}

/** Found, or fetched once, as the Temporal CLI is. */
export default async function setup(project: TestProject): Promise<void> {
  const say = (sentence: string): void => {
    process.stderr.write(`${sentence}\n`);
  };
  const { path } = await locateProgram(TEST_SERVER, { env: process.env, cacheDir: cacheFolder(process.env), say });
  project.provide('testServer', path);
}
