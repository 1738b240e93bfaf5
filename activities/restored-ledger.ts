import { Fault } from '../indicators/fault.ts';
import { type Given, missingOf } from '../ledger/known.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import type { Owner } from './window-ref.ts';

/** Throws `Refused` where the ledger does not have what the run was given by it: then it is older than the run. */
export async function mustBeKnown(ledger: LedgerDb, given: Given, owner: Owner): Promise<void> {
  const missing = await missingOf(ledger, given);
  if (missing === null) return;
  const what =
    missing === 'window' ? windowName(given) : `batch ${given.batch ?? given.scoring} of ${windowName(given)}`;
  throw olderThanRun(`does not know ${what}, which the run was given`, owner);
}

export function windowName({ pipeline, windowId, from }: Given): string {
  return `the window ${from === undefined ? windowId : `from ${from}`} of ${pipeline}`;
}

/** `lacks`: what it does not have, as what follows "The ledger". */
export function olderThanRun(lacks: string, { workflowId }: Owner): Fault {
  return new Fault(
    'Refused',
    `The ledger ${lacks}: it was probably restored from a backup that is older than the run. End the run with 'mdti-sync runs cancel ${workflowId}'; the next one reads anew what the ledger does not have.`,
  );
}
