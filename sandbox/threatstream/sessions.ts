import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Arrival, arrive, fateOf } from './arrivals.ts';
import type { Entry, Holdings } from './holdings.ts';
import type { ImportForm } from './import-form.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** An import session as it is saved; `status` is where it ends, which it has reached when `pollsLeft` is below 0. */
export const sessionRecord = z.object({
  id: z.string(),
  jobId: z.string(),
  status: z.enum(['done', 'approved', 'errors']),
  pollsLeft: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  messages: z.string(),
  threatType: z.string(),
  confidence: z.number(),
  expiration: z.string().nullable(),
  isPublic: z.boolean(),
  source: z.string(),
  tags: z.array(z.object({ name: z.string(), tlp: z.string().nullable() })).readonly(),
  tlp: z.string().nullable(),
  created: z.string(),
  modified: z.string(),
});
type SessionRecord = z.infer<typeof sessionRecord>;

export interface Session {
  record: SessionRecord;
  /** Under way; empty once they have been taken in. */
  arrivals: readonly Arrival[];
  readonly entries: readonly Entry[];
}

const FIRST_ID = 1_000_000_001;
/** More often than anybody asks. */
const FOR_GOOD = 1_000_000_000;

/** The import sessions, oldest first. */
export class Sessions {
  readonly #holdings: Holdings;
  readonly #sessions = new Map<string, Session>();
  #opened = 0;
  #nextId = FIRST_ID;

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
    const failed = isNth(faults.sessionErrors);
    const stuck = isNth(faults.stuckSessions);
    const vanished = isNth(faults.vanishingSessions);
    const profiles = form.profilesOf(id);
    const arrivals: Arrival[] = [];
    let rejected = 0;
    for (const { kind, value } of form.observables) {
      const profile = profiles.get(kind) ?? null;
      const fate = profile === null ? 'rejected' : fateOf(value, form.rejectBenign, faults);
      if (fate === 'rejected') rejected += 1;
      if (fate === 'held' && profile !== null && !failed && !stuck && !vanished)
        arrivals.push(arrive(this.#holdings, value, kind, profile));
    }
    const shown = profiles.get('domain');
    const session: Session = {
      arrivals,
      entries: arrivals.map(({ entry }) => entry),
      record: {
        id,
        jobId: randomUUID(),
        status: failed ? 'errors' : form.approved ? 'approved' : 'done',
        pollsLeft: stuck ? FOR_GOOD : faults.polls,
        accepted: arrivals.length,
        rejected: failed ? 0 : rejected,
        messages: messageOf(failed, rejected),
        threatType: form.threatType,
        confidence: shown?.confidence ?? 0,
        expiration: shown?.expiration ?? null,
        isPublic: form.isPublic,
        source: shown?.source ?? '',
        tags: shown?.tags ?? [],
        tlp: shown?.tlp ?? null,
        created: now.toISOString(),
        modified: now.toISOString(),
      },
    };
    if (!vanished) this.#sessions.set(id, session);
    return session;
  }

  /** Looks at a session, which brings it one step further. */
  poll(id: string, now: Date): Session | undefined {
    const session = this.#sessions.get(id);
    if (session !== undefined && isProcessing(session)) this.#advance(session, session.record.pollsLeft - 1, now);
    return session;
  }

  /** An analyst's approval of all that the session holds. False when it is not ready for review. */
  approve(session: Session, now: Date): boolean {
    if (isProcessing(session) || session.record.status === 'errors') return false;
    for (const entry of this.ownEntries(session)) this.#holdings.approve(entry);
    session.record = { ...session.record, status: 'approved', modified: now.toISOString() };
    return true;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  /** Those of its entries that no later arrival has changed. */
  ownEntries({ record, entries }: Session): Entry[] {
    return entries.filter(({ shelf }) => shelf?.profile.sessionId === record.id);
  }

  settleAll(now: Date): void {
    for (const session of this.#sessions.values()) {
      if (isProcessing(session) && session.arrivals.length > 0) this.#advance(session, -1, now);
    }
  }

  restore(record: SessionRecord, entries: readonly Entry[]): void {
    this.#nextId = Math.max(this.#nextId, Number(record.id) + 1);
    this.#sessions.set(record.id, { record, arrivals: [], entries });
  }

  #advance(session: Session, pollsLeft: number, now: Date): void {
    session.record = { ...session.record, pollsLeft, modified: now.toISOString() };
    if (pollsLeft >= 0) return;
    const state = session.record.status === 'approved' ? 'active' : 'awaiting-review';
    for (const { entry, profile } of session.arrivals) this.#holdings.takeIn(entry, profile, state);
    session.arrivals = [];
  }
}

export function isProcessing({ record }: Session): boolean {
  return record.pollsLeft >= 0;
}

function messageOf(failed: boolean, rejected: number): string {
  if (failed) return 'Failed to import the text';
  return rejected === 0 ? '' : `${rejected} observables were rejected`;
}
