import type { Settled } from '../delivery/parts.ts';
import type { SliceCounts } from '../indicators/counts.ts';

/**
 * What the steps tell of their work, for the operators' counters. Each fact is told once it is in the ledger, so a retry does
 * not tell it again: what is recorded is not done again. A process that dies between writing a fact down and telling it has not
 * told it; an attempt that the engine took for dead and that went on beside its successor may tell of a batch twice.
 */
export interface Telemetry {
  /** A slice is recorded. */
  readonly extracted: (pipeline: string, counts: SliceCounts) => void;
  /** A call came back; a host that failed is looked up, and told of, again. A call that failed as a whole is no look-up. Null: of no pipeline. */
  readonly lookedUp: (pipeline: string | null, hosts: LookUps) => void;
  /** Decisions are recorded. What is excluded is no decision: `extracted` has told of it. */
  readonly decided: (pipeline: string, items: { readonly deliver: number; readonly hold: number }) => void;
  /** The destination has said what became of what it was sent or asked to withdraw. */
  readonly settled: (pipeline: string, items: Partial<Settled>) => void;
}

export interface LookUps {
  readonly scored: number;
  readonly noReputation: number;
  readonly failed: number;
}
