import type { FaultsPatch } from './faults.ts';

export interface SandboxOptions {
  /** Another seed, other indicators and reputations. Default 1. */
  readonly seed?: number;
  /** About how many to generate. Default 5,000; 0 for an empty workspace. */
  readonly indicators?: number;
  /** A CSV with the columns `type,value` and, if it has them, `campaign,first_published`, instead of generated indicators. */
  readonly feed?: string;
  /**
   * A CSV with the columns `type,value` and, if it has them, `owner,feed,confidence,tags,private_tags,status`: what ThreatStream holds although
   * nobody imported it. Default: nothing.
   */
  readonly artifacts?: string;
  /** So many of such, made up. Default 0. */
  readonly madeUpArtifacts?: number;
  /** When the generated rows were ingested. Default: over an hour, up to a minute before the start. */
  readonly ingestedOver?: { readonly from: Date; readonly to: Date };
  /** Puts the rows into the retired table, `ThreatIntelligenceIndicator`. Default: it is empty. */
  readonly legacy?: boolean;
  /** A folder where it keeps what it holds, and goes on from it. Default: nothing is kept. */
  readonly stateDir?: string;
  /** Default 0, for a free one. */
  readonly port?: number;
  /** The network address that it listens on. Default 127.0.0.1, which only this machine reaches. */
  readonly listen?: string;
  /** The name that clients reach it by: in its addresses and its certificate. Default localhost. */
  readonly name?: string;
  /** Added to every answer. Default 0. */
  readonly latencyMs?: number;
  readonly limits?: {
    /** Queries at once. Default 5. */
    readonly logsConcurrent?: number;
    /** Queries in 30 seconds. Default 200. */
    readonly logsPer30s?: number;
    /** Look-ups in a second. Default: no limit. */
    readonly graphPerSecond?: number;
    /** Requests to a TIP in a second. Default: no limit. */
    readonly tipPerSecond?: number;
  };
  /** Default: none. */
  readonly faults?: FaultsPatch;
}
