import type { ColumnType, Generated } from 'kysely';
import type { SliceCounts } from '../indicators/counts.ts';
import type { Facts, IndicatorType } from '../indicators/indicator.ts';
import type { LookUpGivenUp } from '../indicators/policy.ts';
import type { Refusal } from '../indicators/refusal.ts';
import type { Rule } from '../indicators/reputation.ts';
import type { SourceRow } from '../indicators/source-row.ts';
import type { EnrichmentTables } from './enrichment-tables.ts';
import type { AskedForm, HashedForm, HeldAtPlan } from './held.ts';
import type { KeptCount, KeptSlice } from './kept-answer.ts';

/** Written as JSON text, read as a value. */
type Json<T> = ColumnType<T, string, string>;
type Time = ColumnType<Date, Date | string, Date | string>;

export type WindowKind = 'live' | 'backfill';
export type WindowState = 'running' | 'done' | 'failed';

/** Why an indicator is in a batch. Only `new` and `changed` stand for a row of the window. */
export type Change = 'new' | 'changed' | 'consequence' | 'ended';

/** What became of a batch item; null while it is at work. `set-aside` counts as pending, with a reason, and lets the window close. */
export type Outcome = 'held' | 'confirmed' | 'rejected' | 'retracted' | 'set-aside';

/** `pending`: on its way with a shipment, or without one, about to be withdrawn. `set-aside`: nobody knows; see `may_hold`. */
export type DeliveryState = 'pending' | 'confirmed' | 'rejected' | 'retracted' | 'set-aside';

export interface Database extends EnrichmentTables {
  pipelines: {
    name: string;
    /** Where coverage begins: written once, at the first live plan. */
    covered_since: Time;
    /** The kind of its destination; null until it is known. */
    destination: string | null;
  };
  /** Coverage: the windows of a pipeline, by ingestion time. */
  windows: {
    id: Generated<number>;
    pipeline: string;
    kind: WindowKind;
    from_time: Time;
    to_time: Time;
    /** Where reading starts: `from_time` less the overlap. */
    read_from: Time;
    state: WindowState;
    /** Why it failed, as a sentence. */
    reason: string | null;
    /** Rows read, once it is closed. */
    rows: number | null;
    planned_at: Time;
    closed_at: Time | null;
    /** The run that is at work on it, or was last: its workflow's id, and the first run id of its chain. */
    owner_workflow: Generated<string>;
    owner_run: Generated<string>;
    /** From then on, by the ledger's own clock, one that is running is anybody's. */
    leased_until: Generated<Date>;
    /** Whether its present owner has come to it: until then, what another one left on its way there is left behind. */
    begun: Generated<boolean>;
  };
  /** One row for each slice that was extracted whole. */
  slices: {
    window_id: number;
    name: string;
    counts: Json<SliceCounts>;
  };
  /** What would be delivered: one for each pipeline, type and canonical value. */
  indicators: {
    id: Generated<number>;
    pipeline: string;
    type: IndicatorType;
    value: string;
    facts: Json<Facts>;
    sources: Json<readonly string[]>;
    content_hash: string;
    exclusion: string | null;
    /** Where the entry stands that excludes it: for instance a file and a line. */
    exclusion_entry: string | null;
  };
  /** What each source row (Id) says of an indicator. */
  sources: {
    indicator_id: number;
    source_id: string;
    source_system: string;
    source_time: string;
    modified: string | null;
    facts: Json<Facts>;
    facts_hash: string;
    /** A newer edit of the same Id no longer names this observable. */
    superseded: boolean;
  };
  /** Reputations of hosts, shared by all pipelines. */
  reputations: {
    host: string;
    /** Null while the first look-up is under way. */
    kind: 'scored' | 'none' | null;
    score: number | null;
    classification: string | null;
    rules: Json<readonly Rule[]> | null;
    fetched_at: Time | null;
    expires_at: Time | null;
    /** Until then one activity is looking it up. */
    leased_until: Time | null;
    leased_by: string | null;
    /** Tries that failed one after another while MDTI answered for others. */
    failures: Generated<number>;
    /** After a failure: not before then. */
    try_at: Time | null;
    /** Why its indicators are set aside until `try_at`; null while it is still tried. */
    given_up: LookUpGivenUp | null;
    /** What the last failure was, as a sentence. */
    failure: string | null;
  };
  /** What is delivered together. */
  batches: {
    window_id: number;
    batch: number;
    items: number;
  };
  batch_items: {
    window_id: number;
    indicator_id: number;
    change: Change;
    /** With which others of the window it is scored; null in windows of an earlier release, whose batches are scored one by one. */
    scoring: number | null;
    /** With which others it is delivered; null until it is known to be delivered, or withdrawn. */
    batch: number | null;
    /** The destination's key: items that have the same may travel in one request. */
    sort_key: string | null;
    decision: 'deliver' | 'hold' | 'exclude' | null;
    /** Why it was decided so, or why the destination rejected it. */
    reason: string | null;
    score: number | null;
    shipment_id: number | null;
    /** Hash of what the shipment asks the destination to hold. */
    hash: string | null;
    /** What the destination held when the shipment was planned: whether it brings or changes the item does not change after that. */
    held: Json<HeldAtPlan> | null;
    outcome: Outcome | null;
    /** The window that has taken it over from this one; null when none has. */
    handed_to: number | null;
  };
  /** One request to a destination, written down before it is sent. */
  shipments: {
    id: Generated<number>;
    window_id: number;
    batch: number;
    marker: string;
    state: 'planned' | 'sent' | 'settled';
    /** When it left last. */
    sent_after: Time | null;
    /** When that try ended without an acknowledgement: only from then on does what it asked for stop being on its way in. */
    ended_at: Time | null;
    receipt: Json<Record<string, string | number | boolean | null>> | null;
    note: string | null;
    /** Whether a person has decided about what it brought; null when nobody has to. */
    review: 'waiting' | 'decided' | null;
  };
  /** An indicator's standing at its pipeline's destination. */
  deliveries: {
    indicator_id: number;
    state: DeliveryState;
    /** Hash of what the destination holds: when an update of it is rejected, it is still what it was before. */
    hash: string | null;
    /** Hash of what it may hold besides, though it never said so: when the indicator ends, that is treated as held. */
    may_hold: string | null;
    /** The id that the destination gave; kept when it is withdrawn, since what is there under it is only inactive. */
    remote_id: string | null;
    /** The form of what it holds. */
    held: Json<HashedForm> | null;
    /** The forms that were asked for since it was last known to hold one: they may have been done in part. */
    asked: Json<AskedForm> | null;
    /** What was known of it when a person at the destination rejected it; null when nobody has, or it was taken in since. */
    refused: Json<Refusal> | null;
    /** The shipment with which it waits, or waited, for a person at the destination: see `review` there. */
    awaits: number | null;
    score: number | null;
    reason: string | null;
    shipment_id: number | null;
    /** The window that is about to withdraw it. */
    withdrawn_by: Generated<number | null>;
    changed_at: Time;
  };
  /** What could not be decided or delivered after a bounded effort: listed, and taken up again by a person or when it is due. */
  set_aside: {
    indicator_id: number;
    stage: 'look-up' | 'delivery';
    /** A sentence without the indicator's value. */
    reason: string;
    since: Time;
    /** The first live run from then on takes it up by itself; null: only when a person asks. */
    due_at: Time | null;
    /** Of one that is gathered: the destination's key, its score, and why it is to be delivered. */
    sort_key: string | null;
    score: number | null;
    decided_for: string | null;
  };
  /** Slices that the source did not give when it was last asked for them. */
  unread_slices: {
    id: Generated<number>;
    pipeline: string;
    /** Whose slice it is. */
    window_id: number;
    from_time: Time;
    to_time: Time;
    bucket: number;
    buckets: number;
    /** Why it was not given the last time, as a sentence. */
    reason: string;
    /** When it was not given for the first time, and how often it has not been since. */
    since: Time;
    tries: number;
    /** Set aside: its window does without it, and a live window reads it again from then on. Null: its window still tries. */
    due_at: Time | null;
    /** The live window that reads it again. */
    taken_by: number | null;
  };
  /** What pipelines that read the same ask their source: each question once. */
  kept_answers: {
    id: Generated<number>;
    /** Says all that makes the questions of two pipelines the same, but for the times. */
    source: string;
    from_time: Time;
    to_time: Time;
    /** Of a count, both are 0. */
    bucket: number;
    buckets: number;
    /** `too-large`: it was asked for, and has to be asked for in parts. */
    state: 'reading' | 'read' | 'too-large';
    /** Whoever asks is a live run, and does not wait for others. */
    urgent: boolean;
    /** While it is asked, who asks, and how long that is believed, by the ledger's own clock. */
    leased_by: string | null;
    leased_until: Time | null;
    answer: Json<KeptCount | KeptSlice> | null;
    /** Characters of its rows. */
    size: Generated<number>;
    /** The pipelines that have yet to take its rows. */
    wanted_by: Json<readonly string[]>;
    asked_at: Time;
  };
  /** The rows that such a question was answered with. */
  kept_rows: {
    read_id: number;
    part: number;
    rows: Json<readonly SourceRow[]>;
  };
  /** With commands that ask about values of their own; see exchange/sealed.ts. */
  exchanges: {
    id: string;
    /** What both ends have in common: with it, what Temporal carries of the exchange can be read. */
    secret: string;
    opened_at: Time;
    expires_at: Time;
  };
  /** Requests that have failed again and again, each by itself: see `FailingRequest`. */
  failing: {
    what: 'send' | 'ask' | 'withdraw' | 'declined';
    /** Of the shipment; of the indicator that is to be withdrawn, or is declined. */
    id: number;
    tries: number;
    since: Time;
  };
  /** What could not be used, with the reason; kept until a person has looked. */
  quarantine: {
    id: Generated<number>;
    pipeline: string;
    window_id: number;
    source_id: string | null;
    reason: string;
    excerpt: string;
    seen_at: Time;
  };
  rate_budgets: {
    api: string;
    /** The next free slot. */
    next_at: Time;
    /** What each column says is told in budget-law.ts. */
    interval_ms: number;
    blocked_until: Time | null;
    slowdown: Generated<number>;
    slowed_at: Time | null;
    strikes: Generated<number>;
    probed_at: Time | null;
    ramping: Generated<boolean>;
    answered: Generated<number>;
    /** Goes up with each change. */
    revision: Generated<number>;
  };
  /** Queries under way or waiting, over all workers. */
  query_turns: {
    id: Generated<number>;
    api: string;
    /** Of a live run. */
    urgent: boolean;
    running: Generated<boolean>;
    /** When its worker was last heard of, and some time more. */
    until: Time;
  };
}
