import type { Destination } from '../destinations/destination.ts';
import type { Policy } from '../indicators/policy.ts';
import type { BringRefused } from '../indicators/refusal.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';

/** Of a pipeline, what delivering its indicators takes. */
export interface Pipeline {
  readonly name: string;
  readonly batchSize: number;
  readonly policy: Policy;
  readonly retractBelow: number;
  /** When what an analyst has rejected is brought again. */
  readonly bringRefused: BringRefused;
  readonly destination: Destination;
  /** Other pipelines that deliver to the same organisation: what it holds is theirs, too. */
  readonly sharing: readonly string[];
}

/** Items of which the destination has said what became. */
export interface Settled {
  readonly confirmed: number;
  readonly rejected: number;
  /** Withdrawn, or no longer there. */
  readonly retracted: number;
}

/** What it needs of the world besides. */
export interface Parts {
  readonly ledger: LedgerDb;
  readonly now: () => Date;
  /** How long one attempt waits for the destination, or for another one that reads, asking again and again, before it is given back. Default: some minutes */
  readonly waitInsideMs?: number;
  /** Rejects when the signal aborts. Default: real time */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Aborts when the process is told to end: then nobody waits any more. */
  readonly stopping?: AbortSignal;
  readonly newShipmentName: (pipeline: string) => string;
  readonly telemetry: { readonly settled: (pipeline: string, items: Partial<Settled>) => void };
}

/** A batch of a pipeline's window, as the ledger numbers it. */
export interface BatchRef {
  readonly pipeline: string;
  readonly windowId: number;
  readonly batch: number;
}
