import type { WireReply, WireRequest } from '../wire.ts';
import type { BulkQueue } from './bulk-queue.ts';
import type { Comments } from './comments.ts';
import type { Holdings } from './holdings.ts';
import { Declined } from './request-values.ts';
import type { Review } from './review.ts';
import type { SavedSearches } from './saved-searches.ts';
import type { Sessions } from './sessions.ts';
import type { ThreatModels } from './threat-models.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** A complete answer: nothing is cut here. */
export type Answer = Exclude<WireReply, 'cut'>;

/** A request that brings values and has been found in order; it counts once it is taken in. */
export interface Submission {
  take(): Answer;
}

type CountOfRoutes =
  | 'publicShares'
  | 'foreignTouched'
  | 'wildcards'
  | 'tagWrites'
  | 'idleTagWrites'
  | 'comments'
  | 'doubleComments'
  | 'confidences';

export interface Rooms {
  readonly holdings: Holdings;
  readonly sessions: Sessions;
  readonly review: Review;
  readonly bulk: BulkQueue;
  readonly comments: Comments;
  readonly searches: SavedSearches;
  readonly models: ThreatModels;
  /** `threatstream-counts.ts` says what each is. */
  readonly counts: Record<CountOfRoutes, number>;
  readonly faults: () => ThreatStreamFaults;
  readonly now: () => Date;
  /** Who asks. */
  readonly user: string;
}

/** What answers requests of one method to one path; `id` and the like stand in the path. Throws `Declined`. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  answer(rooms: Rooms, request: WireRequest, parts: readonly string[]): Answer | Submission;
}

export function answer(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Declines with 500 what concerns a value that is broken. */
export function breakOn(broken: readonly string[], values: Iterable<{ readonly value: string }>): void {
  if (broken.length === 0) return;
  for (const { value } of values) if (broken.includes(value)) throw new Declined(500, 'Internal server error.');
}
