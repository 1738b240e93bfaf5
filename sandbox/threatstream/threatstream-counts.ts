import type { TipCounts } from '../stand-in.ts';

export interface ThreatStreamCounts extends TipCounts {
  /** Import sessions opened. */
  readonly sessions: number;
  /** Values that arrived and were discarded because the organisation has them, in whatever form; duplicates are among them. */
  readonly discarded: number;
  /** Values of a CSV that were taken as wildcards. */
  readonly wildcards: number;
  /** Different tags that there ever were. */
  readonly tagNames: number;
  /** Tags that became visible to everyone, a value each. */
  readonly publicTags: number;
  /** Values that arrived as visible to everyone. */
  readonly publicShares: number;
  /**
   * Attempts to change what another organisation owns: an observable, or what everyone sees of it, by a public tag. A private tag of ours on it is
   * none.
   */
  readonly foreignTouched: number;
  /** How many observables, ours and others', carry each tag that a request for tags has put on them; also from before, when state is kept. */
  readonly tags: Readonly<Record<string, number>>;
  /** Observables whose tags a request has changed, as often as it did. */
  readonly tagWrites: number;
  /** The same for those that had the tags already. */
  readonly idleTagWrites: number;
  /** Comments of ours. */
  readonly comments: number;
  /** Those of them whose text we had put to the value before. */
  readonly doubleComments: number;
  /** Changes of one observable that made its confidence another one. */
  readonly confidences: number;
}
