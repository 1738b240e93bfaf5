/** What a run, or all runs, of a pipeline that enriches has done. */
export interface EnrichDone {
  /** Observables that the TIP showed, each as often as it did. */
  readonly read: number;
  readonly new: number;
  readonly changed: number;
  /** Left out because this product has brought them. */
  readonly delivered: number;
  /** Shown in a form that could not be read. */
  readonly unreadable: number;
  /** Artifacts whose reputation was gone by anew, and hosts that were looked up for that. */
  readonly judged: number;
  readonly lookedUp: number;
  /** Artifacts that got tags, or other ones; that lost them and got none. */
  readonly marked: number;
  readonly cleared: number;
  readonly commented: number;
  readonly rescored: number;
  /** They show what was written. */
  readonly confirmed: number;
  /** There no more, or not selected any more. */
  readonly gone: number;
  readonly setAside: number;
}

export const NOTHING_DONE: EnrichDone = {
  read: 0,
  new: 0,
  changed: 0,
  delivered: 0,
  unreadable: 0,
  judged: 0,
  lookedUp: 0,
  marked: 0,
  cleared: 0,
  commented: 0,
  rescored: 0,
  confirmed: 0,
  gone: 0,
  setAside: 0,
};

/** How what a pipeline knows stands: `artifacts` is the sum of the others. */
export interface EnrichStanding {
  readonly artifacts: number;
  /** They have a host, and show what they are to show. */
  readonly right: number;
  /** MDTI has none of them. */
  readonly hashes: number;
  readonly noHost: number;
  readonly excluded: number;
  readonly aside: number;
  /** Not judged, written or seen yet. */
  readonly pending: number;
  /** Different ones. */
  readonly hosts: number;
}

export const NO_ARTIFACTS: EnrichStanding = {
  artifacts: 0,
  right: 0,
  hashes: 0,
  noHost: 0,
  excluded: 0,
  aside: 0,
  pending: 0,
  hosts: 0,
};

export interface EnrichCounts extends EnrichDone, EnrichStanding {}

export function sinceThen(then: EnrichDone, now: EnrichDone): EnrichDone {
  return {
    read: now.read - then.read,
    new: now.new - then.new,
    changed: now.changed - then.changed,
    delivered: now.delivered - then.delivered,
    unreadable: now.unreadable - then.unreadable,
    judged: now.judged - then.judged,
    lookedUp: now.lookedUp - then.lookedUp,
    marked: now.marked - then.marked,
    cleared: now.cleared - then.cleared,
    commented: now.commented - then.commented,
    rescored: now.rescored - then.rescored,
    confirmed: now.confirmed - then.confirmed,
    gone: now.gone - then.gone,
    setAside: now.setAside - then.setAside,
  };
}
