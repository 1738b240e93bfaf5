/** A window of a pipeline, as the ledger numbers it. */
export interface WindowRef {
  readonly pipeline: string;
  readonly windowId: number;
}
