import type { Entry } from './entry.ts';
import type { Holdings } from './holdings.ts';
import { Declined } from './request-values.ts';
import { statusOf } from './session-record.ts';
import type { Session, Sessions } from './sessions.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** What an analyst decides on a session that is ready for review, or on all that are. */
export interface ReviewRequest {
  readonly session?: string | undefined;
  /** `exclude` takes the values out, and approves the rest. */
  readonly decision: 'approve' | 'reject' | 'exclude';
  readonly values?: readonly string[] | undefined;
}

/** What is decided on observables that wait in a session. (Source: facts/tips.md 1.4.) */
export class Review {
  readonly #holdings: Holdings;
  readonly #sessions: Sessions;
  readonly #faults: () => ThreatStreamFaults;
  readonly #now: () => Date;

  constructor(holdings: Holdings, sessions: Sessions, faults: () => ThreatStreamFaults, now: () => Date) {
    this.#holdings = holdings;
    this.#sessions = sessions;
    this.#faults = faults;
    this.#now = now;
  }

  /** The analyst. Returns how many sessions were decided on. */
  decide({ session: id, decision, values = [] }: ReviewRequest): number {
    const ready = this.#sessions
      .all()
      .filter(({ record }) => statusOf(record) === 'done' && (id === undefined || record.id === id));
    const wanted = new Set(values);
    for (const session of ready) {
      if (decision === 'exclude') this.#takeOut(session, (entry) => wanted.has(entry.value), true);
      this.#sessions.decide(session, decision === 'reject' ? 'rejecting' : 'approving', this.#faults(), this.#now());
    }
    return ready.length;
  }

  /** All that the session holds. Once it is approved this changes nothing. */
  approveAll(session: Session): void {
    if (session.record.status === 'approved' || session.record.status === 'approving') return;
    mustBeReady(session);
    this.#sessions.decide(session, 'approving', this.#faults(), this.#now());
  }

  /** The session is approved once nothing in it waits. (That it stays ready for review before: UNCONFIRMED.) */
  approveSelected(session: Session, ids: readonly number[]): void {
    mustBeReady(session);
    const wanted = new Set(ids);
    const waiting = this.#sessions.ownEntries(session).filter(({ state }) => state === 'awaiting-review');
    const approved = waiting.filter(({ id }) => wanted.has(id));
    for (const entry of approved) this.#holdings.approve(entry, this.#faults().idsChangeOnApproval);
    const isThrough = approved.length === waiting.length;
    this.#sessions.amend(session, isThrough ? { status: 'approved' } : {}, this.#now());
  }

  /** With a trace of them, or without. Those that are excluded already stay so. */
  exclude(session: Session, ids: readonly number[], leavesTrace: boolean): void {
    mustBeReady(session);
    const wanted = new Set(ids);
    this.#takeOut(session, (entry) => wanted.has(entry.id), leavesTrace);
  }

  /** Rejected ones that are included after all; a duplicate of what the organisation has stays one. */
  include(session: Session, rejectIds: readonly number[]): void {
    mustBeReady(session);
    const wanted = new Set(rejectIds);
    const included: Entry[] = [];
    const rejects = session.rejects.filter(({ id, value, kind, profile }) => {
      if (!wanted.has(id) || kind === null || profile === null) return true;
      const entry = this.#holdings.arrive(value, kind, profile, this.#faults().inactiveAreDuplicates);
      if (entry === null) return true;
      this.#holdings.takeIn(entry, 'awaiting-review');
      included.push(entry);
      return false;
    });
    session.entries = [...session.entries, ...included];
    session.rejects = rejects;
    const { accepted, rejected } = session.record;
    const counts = { accepted: accepted + included.length, rejected: rejected - included.length };
    this.#sessions.amend(session, counts, this.#now());
  }

  #takeOut(session: Session, isOut: (entry: Entry) => boolean, leavesTrace: boolean): void {
    // Also what was withdrawn while it waited.
    const waiting = this.#sessions.ownEntries(session).filter(({ state }) => state !== 'active');
    const out = new Set(waiting.filter(isOut));
    session.entries = session.entries.filter((entry) => !out.has(entry));
    const message = this.#faults().exclusionMessage;
    const traces = [...out].flatMap(({ value, kind, shelf }) => {
      if (!leavesTrace || shelf === null) return [];
      const { itype, confidence } = shelf.profile;
      const said = { value, kind, itype, confidence, message, wasExcluded: true, profile: shelf.profile };
      return [this.#sessions.rejectOf(said)];
    });
    for (const entry of out) this.#holdings.forget(entry);
    session.rejects = [...session.rejects, ...traces];
    const { accepted, rejected } = session.record;
    this.#sessions.amend(session, { accepted: accepted - out.size, rejected: rejected + traces.length }, this.#now());
  }
}

function mustBeReady({ record }: Session): void {
  if (statusOf(record) !== 'done') throw new Declined(400, 'The session is not ready for review.');
}
