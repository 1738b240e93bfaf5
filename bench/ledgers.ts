import type { Bench } from './figure.ts';
import { startPostgresServer } from './postgres-server.ts';
import type { Processes } from './process-cpu.ts';
import type { Scope } from './scope.ts';

/** A kind of ledger to measure on. */
export interface Ledger {
  /** `PGlite`, or `PostgreSQL 15.4`. */
  readonly name: string;
  /** Processes of its own: none for one that is inside the worker. */
  readonly processes: Processes;
  /** The address of a fresh one, as LEDGER_URL has it; null for a folder. */
  readonly url: (scope: Scope) => Promise<string | null>;
}

export const LEDGER_KINDS = ['pglite', 'postgres'] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

export const PGLITE: Ledger = { name: 'PGlite', processes: {}, url: async () => null };

/** Those of the kinds, ready to be used. */
export async function openLedgers(bench: Bench, kinds: readonly LedgerKind[]): Promise<readonly Ledger[]> {
  return Promise.all(kinds.map(async (kind) => (kind === 'pglite' ? PGLITE : openPostgres(bench))));
}

/** The PostgreSQL of this machine or of LEDGER_URL. */
export async function openPostgres(bench: Bench): Promise<Ledger> {
  const { version, pid, freshDatabase } = await startPostgresServer(bench);
  return {
    name: `PostgreSQL ${version}`,
    processes: pid === null ? {} : { PostgreSQL: pid },
    url: freshDatabase,
  };
}
