import type { ResolvedLedger } from '../config/resolve-secrets.ts';
import type { Fault } from '../indicators/fault.ts';
import { type LedgerSettings, migrateLedger, reindexLedger } from '../ledger/open-ledger.ts';

/** Where and how the worker opens its ledger. An embedded one says when it has died. */
export function ledgerSettings(ledger: ResolvedLedger, onDeath?: (fault: Fault) => void): LedgerSettings {
  if ('path' in ledger) return { ...ledger, ...(onDeath === undefined ? {} : { onDeath }) };
  const { url, statementTimeout, connections, caFile } = ledger;
  return {
    url: url.reveal(),
    connections,
    statementTimeoutMs: statementTimeout,
    ...(caFile === undefined ? {} : { caFile }),
  };
}

/** Brings the ledger to the schema of this release. Returns the names of the migrations that were missing. */
export function migrateLedgerOf(ledger: ResolvedLedger): Promise<readonly string[]> {
  return migrateLedger(ledgerSettings(ledger));
}

/** Builds the ledger's indexes anew. */
export function reindexLedgerOf(ledger: ResolvedLedger): Promise<void> {
  return reindexLedger(ledgerSettings(ledger));
}
