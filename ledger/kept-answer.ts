/** What a source has answered to a count. */
export interface KeptCount {
  readonly rows: number;
  readonly clock: string | null;
}

/** What it has answered to a slice, besides its rows. */
export interface KeptSlice {
  readonly malformed: readonly {
    readonly sourceId: string | null;
    readonly reason: string;
    readonly excerpt: string;
  }[];
}
