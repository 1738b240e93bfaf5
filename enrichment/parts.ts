import type { ArtifactStore } from '../destinations/artifacts.ts';
import type { IndicatorKey } from '../indicators/indicator.ts';
import type { Writing } from '../indicators/judge-artifact.ts';
import type { ExclusionReason } from '../indicators/policy.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';

/** A pipeline that enriches what a TIP holds, ready to run. */
export interface EnrichedPipeline {
  readonly name: string;
  readonly store: ArtifactStore;
  /** Another one when something else is selected, elsewhere, or something else is to be made of it. */
  readonly selection: string;
  readonly everyPassMs: number;
  readonly writing: Writing;
  readonly lanes: number;
  readonly batchSize: number;
  /** Whether it is not to be looked up, and why. */
  readonly exclude: (key: IndicatorKey, now: Date) => ExclusionReason | null;
  /** Texts with hosts in them that a query names now: with it, only what holds one of these is enriched. */
  readonly namedHosts: ((signal: AbortSignal) => Promise<readonly string[]>) | null;
  /** The rate budgets that it draws on: their names in the ledger, and as people see them. */
  readonly budgets: readonly { readonly budget: string; readonly api: string }[];
  /** Requests in a second that the configuration allows. */
  readonly perSecond: number;
  /** `beta`: nobody has seen that kind of TIP at work with a real one. */
  readonly stability: 'stable' | 'beta';
}

/** What it needs of the world besides. */
export interface EnrichParts {
  readonly ledger: LedgerDb;
  readonly now: () => Date;
  /** Throws a `Fault('Refused')` for a name that the configuration does not have. */
  readonly enriched: (name: string) => EnrichedPipeline;
}
