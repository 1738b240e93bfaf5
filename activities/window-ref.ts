import type { Owner } from '../ledger/window-owners.ts';

export type { Owner };

/** A window of a pipeline, as the ledger numbers it. */
export interface WindowRef {
  readonly pipeline: string;
  readonly windowId: number;
  /** Where it begins, by which a ledger that is older than the run shows; a run of an earlier release does not say it. */
  readonly from?: string;
}

/** What a step is given besides, by the workflows of the run that it works for. */
export type Owned<I> = I & { readonly owner: Owner };
