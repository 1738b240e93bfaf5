import type { StaleList } from '../config/list-in-file.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Indicator } from '../indicators/indicator.ts';
import type { ExclusionReason, Policy } from '../indicators/policy.ts';
import type { BringRefused } from '../indicators/refusal.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import type { ReputationSource } from '../mdti/reputation-source.ts';
import type { SentinelReader, SentinelSource } from '../sentinel/sentinel-reader.ts';
import type { Telemetry } from './telemetry.ts';

/** One pipeline, ready to run: its settings, and the three outside parties that it talks to. */
export interface Pipeline {
  readonly name: string;
  readonly source: SentinelSource;
  /** The first instant of ingestion time to cover when the ledger knows no window yet. */
  readonly since: (now: Date) => Date;
  readonly settleMs: number;
  readonly overlapMs: number;
  readonly windowMs: number;
  readonly sliceRows: number;
  /** A slice that times out for so long, while the service answers others, is taken for too large. */
  readonly halveAfterMs: number;
  /** So many live windows running without a row are worth a warning. */
  readonly warnAfterEmptyWindows: number;
  readonly batchSize: number;
  readonly lanes: number;
  /** How long what is new waits for enough of its kind to fill a request; 0: it does not. */
  readonly gatherMs: number;
  /** What has come to its end is withdrawn by the first run after it, also where the destination would keep it a while longer. */
  readonly exactEnd: boolean;
  readonly policy: Policy;
  readonly retractBelow: number;
  /** When what an analyst has rejected is brought again. */
  readonly bringRefused: BringRefused;
  readonly exclude: (indicator: Indicator, now: Date) => ExclusionReason | null;
  /** Where the entry stands that excludes for that reason. */
  readonly entryBehind: (indicator: Indicator, reason: ExclusionReason) => string | null;
  /** Files of exclusion lists whose newest version could not be used. */
  readonly staleLists: () => readonly StaleList[];
  readonly reader: SentinelReader;
  readonly destination: Destination;
  /** Other pipelines that deliver to the same organisation: what it holds is theirs, too. */
  readonly sharing: readonly string[];
  /** The rate budgets that it draws on: their names in the ledger, and as people see them. */
  readonly budgets?: readonly { readonly budget: string; readonly api: string }[];
  /** Requests in a second that the configuration allows. */
  readonly destinationPerSecond: number;
}

/** What activities need of the world; wired once, in worker/. */
export interface Parts {
  readonly ledger: LedgerDb;
  /** Throws a `Fault('Refused')` for a name that the configuration does not have. */
  readonly pipeline: (name: string) => Pipeline;
  readonly reputations: ReputationSource;
  readonly reputationTtlMs: { readonly scored: number; readonly none: number };
  /** Look-up calls under way at once in one activity. */
  readonly lookUpConcurrency: number;
  /** Requests in a second that the configuration allows; of MDTI, hosts. */
  readonly perSecond: { readonly logAnalytics: number; readonly mdti: number };
  /** When an API asks to wait longer, it is tried again after this. Default: as long as it asks */
  readonly longestRetryAfterMs?: number;
  readonly now: () => Date;
  /** How long one attempt waits for the destination, asking again and again, before it is given back. Default: some minutes */
  readonly waitInsideMs?: number;
  /** Rejects when the signal aborts. Default: real time */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Aborts when the process is told to end: then nobody waits any more. */
  readonly stopping?: AbortSignal;
  readonly newMarker: (pipeline: string) => string;
  readonly telemetry: Telemetry;
}
