import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type LedgerDb, type LedgerSettings, openLedger } from '../../ledger/open-ledger.ts';
import { createDatabase } from '../postgresql/database.ts';
import { copyEmptyLedger } from './empty-ledger.ts';

/** A ledger of its own for one test file, on the engine of the project that it runs in. */
export async function openTestLedger(): Promise<{ ledger: LedgerDb; close: () => Promise<void> }> {
  const { settings, remove } = await newPlace();
  const ledger = await openLedger(settings);
  return {
    ledger,
    async close() {
      await ledger.destroy();
      await remove();
    },
  };
}

async function newPlace(): Promise<{ settings: LedgerSettings; remove: () => Promise<void> }> {
  if (inject('ledgerEngine') === 'postgresql') {
    const { url, drop } = await createDatabase(inject('postgres').url);
    return { settings: { url }, remove: drop };
  }
  const path = await mkdtemp(join(tmpdir(), 'mdti-sync-ledger-'));
  copyEmptyLedger(path);
  return { settings: { path }, remove: () => rm(path, { recursive: true, force: true }) };
}
