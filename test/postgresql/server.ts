import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { postgresBinaries } from './binaries.ts';
import { startPostgres } from './start-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL of this test run. */
    postgres: { readonly url: string; readonly bin: string };
    /** Which ledger the tests of this project open: `embedded` unless it says otherwise. */
    ledgerEngine: 'embedded' | 'postgresql';
  }
}

/** One PostgreSQL for all projects of a test run; each test has databases of its own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = project.vitest.getRootProject();
  if ('postgres' in root.getProvidedContext()) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-postgres-bin-'));
  const bin = await postgresBinaries(folder);
  const server = await startPostgres({ bin });
  root.provide('postgres', { url: server.url, bin });
  return async () => {
    await server.remove();
    await rm(folder, { recursive: true, force: true });
  };
}
