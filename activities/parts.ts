import type { StaleList } from '../config/list-in-file.ts';
import type { Pipeline as DeliveringPipeline, Parts as DeliveryParts } from '../delivery/parts.ts';
import type { EnrichedPipeline } from '../enrichment/parts.ts';
import type { Indicator } from '../indicators/indicator.ts';
import type { ExclusionReason } from '../indicators/policy.ts';
import type { ReputationSource } from '../mdti/reputation-source.ts';
import type { SentinelReader, SentinelSource } from '../sentinel/sentinel-reader.ts';
import type { Telemetry } from './telemetry.ts';

/** One pipeline, ready to run: its settings, and the three outside parties that it talks to. */
export interface Pipeline extends DeliveringPipeline {
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
  readonly lanes: number;
  /** How long what is new waits for enough of its kind to fill a request; 0: it does not. */
  readonly gatherMs: number;
  readonly exclude: (indicator: Indicator, now: Date) => ExclusionReason | null;
  /** Where the entry stands that excludes for that reason. */
  readonly entryBehind: (indicator: Indicator, reason: ExclusionReason) => string | null;
  /** Files of exclusion lists whose newest version could not be used. */
  readonly staleLists: () => readonly StaleList[];
  readonly reader: SentinelReader;
  /** Other pipelines that read the same rows of the same workspace: what one is answered serves them all. */
  readonly readsWith: readonly string[];
  /** The rate budgets that it draws on: their names in the ledger, and as people see them. */
  readonly budgets?: readonly { readonly budget: string; readonly api: string }[];
  /** As the configuration calls the kind of its destination. */
  readonly destinationKind: string;
  /** Requests in a second that the configuration allows. */
  readonly destinationPerSecond: number;
  /** `beta`: nobody has seen that kind of destination at work with a real one. Absent: `stable`. */
  readonly stability?: 'stable' | 'beta';
}

/** What activities need of the world; wired once, in worker/. */
export interface Parts extends DeliveryParts {
  /** Throws a `Fault('Refused')` for a name that the configuration does not have. */
  readonly pipeline: (name: string) => Pipeline;
  /** The same of pipelines that enrich. */
  readonly enriched: (name: string) => EnrichedPipeline;
  readonly reputations: ReputationSource;
  readonly reputationTtlMs: { readonly scored: number; readonly none: number };
  /** Look-up calls under way at once in one activity. */
  readonly lookUpConcurrency: number;
  /** Requests in a second that the configuration allows; of MDTI, hosts. */
  readonly perSecond: { readonly logAnalytics: number; readonly mdti: number };
  /** When an API asks to wait longer, it is tried again after this. Default: as long as it asks */
  readonly longestRetryAfterMs?: number;
  /** Whether the step that asks is of a live run. Default: each is */
  readonly isUrgent?: () => boolean;
  readonly telemetry: Telemetry;
}
