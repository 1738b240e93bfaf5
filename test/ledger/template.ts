import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openLedger } from '../../ledger/open-ledger.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of an embedded ledger that holds nothing, closed. */
    ledgerTemplate: string;
  }
}

/** One empty embedded ledger for a whole test run: to make one takes ten times as long as to copy it. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = project.vitest.getRootProject();
  if ('ledgerTemplate' in root.getProvidedContext()) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-template-'));
  await (await openLedger({ path: folder })).destroy();
  root.provide('ledgerTemplate', folder);
  return () => rm(folder, { recursive: true, force: true });
}
