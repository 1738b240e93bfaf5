import { randomUUID } from 'node:crypto';
import { isDropped, refusalOf } from './arrivals.ts';
import type { Entry } from './entry.ts';
import type { Holdings } from './holdings.ts';
import type { Draft } from './import-attributes.ts';
import type { ImportForm } from './import-form.ts';
import type { Kind } from './kinds.ts';
import type { Profile } from './profile.ts';
import { recordOf, type SessionRecord, statusOf } from './session-record.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** An observable that a session does not bring, and why. */
export interface Reject {
  readonly id: number;
  readonly value: string;
  readonly itype: string | null;
  readonly confidence: number;
  readonly message: string;
  /** It had been brought and was taken out, by an analyst or by a request. */
  readonly wasExcluded: boolean;
  /** What it would be if it were included after all; null for what is no observable. */
  readonly kind: Kind | null;
  readonly profile: Profile | null;
}

export interface Session {
  record: SessionRecord;
  /** Under way at first; then also those that have gone their own way since. */
  entries: readonly Entry[];
  rejects: readonly Reject[];
}

const FIRST_ID = 1_000_000_001;
const FIRST_REJECT_ID = 7_000_001;
/** More often than anybody asks. */
const FOR_GOOD = 1_000_000_000;

/** The import sessions, oldest first. */
export class Sessions {
  readonly #holdings: Holdings;
  readonly #sessions = new Map<string, Session>();
  #opened = 0;
  #nextId = FIRST_ID;
  #nextRejectId = FIRST_REJECT_ID;

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  /** How many were opened since the start. */
  get opened(): number {
    return this.#opened;
  }

  open(form: ImportForm, faults: ThreatStreamFaults, now: Date): Session {
    this.#opened += 1;
    const id = String(this.#nextId);
    this.#nextId += 1;
    const isNth = (everyNth: number): boolean => everyNth > 0 && this.#opened % everyNth === 0;
    const failure = isNth(faults.sessionErrors) ? 'Failed to import the text' : form.failure;
    const isStuck = isNth(faults.stuckSessions);
    const isVanished = isNth(faults.vanishingSessions);
    const bringsNothing = failure !== null || isStuck || isVanished;
    const { entries, rejects } = bringsNothing ? { entries: [], rejects: [] } : this.#bring(form, id, faults);
    if (!bringsNothing) this.#holdings.tags.addNames(form.attributes.tags.map(({ name }) => name));
    const record = recordOf(
      form,
      {
        id,
        jobId: randomUUID(),
        status: failure !== null ? 'errors' : form.attributes.approved ? 'approved' : 'done',
        pollsLeft: isStuck ? FOR_GOOD : faults.polls,
        accepted: entries.length,
        rejected: rejects.length,
        messages: failure ?? (rejects.length === 0 ? '' : `${rejects.length} observables were rejected`),
      },
      now,
    );
    const session: Session = { record, entries, rejects };
    if (!isVanished) this.#sessions.set(id, session);
    return session;
  }

  /** Looks at a session, which brings it one step further. */
  poll(id: string, faults: ThreatStreamFaults, now: Date): Session | undefined {
    const session = this.#sessions.get(id);
    if (session !== undefined && session.record.pollsLeft >= 0) {
      this.amend(session, { pollsLeft: session.record.pollsLeft - 1 }, now);
      if (session.record.pollsLeft < 0) this.#arrive(session, faults, now);
    }
    return session;
  }

  /** A decision on what the session holds, which takes some polls. */
  decide(session: Session, decision: 'approving' | 'rejecting', faults: ThreatStreamFaults, now: Date): void {
    this.amend(session, { status: decision, pollsLeft: faults.decisionPolls - 1 }, now);
    if (session.record.pollsLeft < 0) this.#arrive(session, faults, now);
  }

  amend(session: Session, change: Partial<SessionRecord>, now: Date): void {
    session.record = { ...session.record, ...change, modified: now.toISOString() };
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  /** Those of its entries that the organisation has, and that no other session brought since. */
  ownEntries({ record, entries }: Session): Entry[] {
    return entries.filter(({ shelf }) => shelf?.profile.sessionId === record.id);
  }

  rejectOf(reject: Omit<Reject, 'id'>): Reject {
    const id = this.#nextRejectId;
    this.#nextRejectId += 1;
    return { ...reject, id };
  }

  settleAll(faults: ThreatStreamFaults, now: Date): void {
    for (const session of this.#sessions.values()) {
      if (statusOf(session.record) !== 'processing' || session.entries.length === 0) continue;
      this.amend(session, { pollsLeft: -1 }, now);
      this.#arrive(session, faults, now);
    }
  }

  restore(record: SessionRecord, entries: readonly Entry[], rejects: readonly Reject[]): void {
    this.#nextId = Math.max(this.#nextId, Number(record.id) + 1);
    for (const { id } of rejects) this.#nextRejectId = Math.max(this.#nextRejectId, id + 1);
    this.#sessions.set(record.id, { record, entries, rejects });
  }

  #bring(
    { items, refused, attributes }: ImportForm,
    sessionId: string,
    faults: ThreatStreamFaults,
  ): { readonly entries: Entry[]; readonly rejects: Reject[] } {
    const entries: Entry[] = [];
    const rejects = refused.map(({ value, itype, message }) =>
      this.rejectOf({ value, itype, message, confidence: 0, wasExcluded: false, kind: null, profile: null }),
    );
    const profiles = new Map<Draft, Profile>();
    for (const { kind, value, draft } of items) {
      const profile = profiles.get(draft) ?? { ...draft, sessionId };
      profiles.set(draft, profile);
      let message = refusalOf(value, attributes.rejectBenign, faults);
      if (message === null && isDropped(value, faults)) continue;
      if (message === null) {
        const entry = this.#holdings.arrive(value, kind, profile, faults.inactiveAreDuplicates);
        if (entry === null) message = faults.duplicateMessage;
        else entries.push(entry);
      }
      if (message === null) continue;
      const { itype, confidence } = profile;
      rejects.push(this.rejectOf({ value, itype, confidence, message, wasExcluded: false, kind, profile }));
    }
    return { entries, rejects };
  }

  /** It is where it was on its way to. */
  #arrive(session: Session, faults: ThreatStreamFaults, now: Date): void {
    const { status } = session.record;
    if (status === 'approving') {
      for (const entry of this.ownEntries(session)) {
        const isRevived = faults.approvalRevives && entry.state === 'gone';
        if (entry.state === 'awaiting-review' || isRevived) this.#holdings.approve(entry, faults.idsChangeOnApproval);
      }
      this.amend(session, { status: 'approved' }, now);
    } else if (status === 'rejecting') {
      for (const entry of this.ownEntries(session)) this.#holdings.forget(entry);
      this.amend(session, { status: 'deleted' }, now);
    } else {
      const state = status === 'approved' ? 'active' : 'awaiting-review';
      for (const entry of session.entries) this.#holdings.takeIn(entry, state);
    }
  }
}
