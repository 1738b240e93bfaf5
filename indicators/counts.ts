/** What became of the rows of one slice. `rows` counts observables: a row whose pattern names two counts twice. */
export interface SliceCounts {
  readonly rows: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly excluded: number;
  readonly malformed: number;
  /** Another row of the same window already gave that indicator. */
  readonly merged: number;
  /** How many were excluded for each reason. */
  readonly excludedBy: Readonly<Record<string, number>>;
  /** How many were read otherwise than they are written, by note. A worker of an earlier release does not say it. */
  readonly notedBy?: Readonly<Record<string, number>>;
}

/** What became of the indicators that needed work: `new + changed = held + confirmed + rejected + pending`. */
export interface WorkCounts {
  readonly held: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly pending: number;
  /** Of the pending ones, those that were set aside: they do not keep the window open. */
  readonly setAside: number;
  /** Withdrawn from the destination; not part of the sum, since no row asks for it. */
  readonly retracted: number;
  /** How many were held for each reason. */
  readonly heldBy: Readonly<Record<string, number>>;
  /**
   * By outcome, those that no row of the run asks for: taken up again, or touched by a row about another one. Not part of the sum.
   * A worker of an earlier release does not say it.
   */
  readonly besides?: Readonly<Record<string, number>>;
}

/** Everything that a run, or a window, or a backfill, has to account for. */
export type Counts = SliceCounts &
  WorkCounts & {
    readonly windows: number;
    readonly batches: number;
    /** Slices that could not be read and were set aside: none of their rows is in these counts. Later runs read them again. */
    readonly unread: number;
  };

export const NO_ROWS: SliceCounts = {
  rows: 0,
  new: 0,
  changed: 0,
  unchanged: 0,
  excluded: 0,
  malformed: 0,
  merged: 0,
  excludedBy: {},
};

export function addSliceCounts(a: SliceCounts, b: SliceCounts): SliceCounts {
  return {
    rows: a.rows + b.rows,
    new: a.new + b.new,
    changed: a.changed + b.changed,
    unchanged: a.unchanged + b.unchanged,
    excluded: a.excluded + b.excluded,
    malformed: a.malformed + b.malformed,
    merged: a.merged + b.merged,
    excludedBy: addTallies(a.excludedBy, b.excludedBy),
    notedBy: addTallies(a.notedBy ?? {}, b.notedBy ?? {}),
  };
}

export function addTallies(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [reason, count] of Object.entries(b)) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}

/** Promise 1 as a check: the sentence says which sum is wrong; null when both are right. */
export function wrongSum(rows: SliceCounts, work: WorkCounts): string | null {
  const accounted = rows.new + rows.changed + rows.unchanged + rows.excluded + rows.malformed + rows.merged;
  if (accounted !== rows.rows) return `${rows.rows} rows were read but ${accounted} are accounted for`;
  const settled = work.held + work.confirmed + work.rejected + work.pending;
  if (settled !== rows.new + rows.changed) {
    return `${rows.new + rows.changed} indicators were new or changed but ${settled} are accounted for`;
  }
  return null;
}

const NO_WORK: WorkCounts = { held: 0, confirmed: 0, rejected: 0, pending: 0, setAside: 0, retracted: 0, heldBy: {} };

export const NOTHING: Counts = { ...NO_ROWS, ...NO_WORK, windows: 0, batches: 0, unread: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    ...addSliceCounts(a, b),
    held: a.held + b.held,
    confirmed: a.confirmed + b.confirmed,
    rejected: a.rejected + b.rejected,
    pending: a.pending + b.pending,
    setAside: a.setAside + b.setAside,
    retracted: a.retracted + b.retracted,
    heldBy: addTallies(a.heldBy, b.heldBy),
    besides: addTallies(a.besides ?? {}, b.besides ?? {}),
    windows: a.windows + b.windows,
    batches: a.batches + b.batches,
    unread: a.unread + b.unread,
  };
}
