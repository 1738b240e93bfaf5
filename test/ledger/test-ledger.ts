import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LedgerDb, openLedger } from '../../ledger/open-ledger.ts';

/** A ledger of its own for one test file: embedded, or on the PostgreSQL that LEDGER_URL names. */
export async function openTestLedger(): Promise<{ ledger: LedgerDb; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-ledger-'));
  const ledger = await openLedger({ path: folder });
  return {
    ledger,
    async close() {
      await ledger.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
