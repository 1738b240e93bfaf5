import type { Indicator, IndicatorKey } from '../indicators/indicator.ts';
import type { Verdict } from '../indicators/reputation.ts';

/** An indicator that was decided `deliver`, with what is known of its reputation. */
export interface Deliverable {
  /** The ledger's id of the indicator: how items are told apart here, never sent. */
  readonly id: number;
  readonly indicator: Indicator;
  readonly verdict: Verdict;
  /** What the destination holds of it already; absent when nothing. */
  readonly held?: Held;
}

/** What is asked of the destination for an item, in its own words: JSON only. It is kept. */
export type Form = Readonly<Record<string, unknown>>;

/** What the destination holds of an item. */
export interface Held {
  /** The id that it gave; null when it never said one. */
  readonly remoteId: string | null;
  /** Null when it was delivered by a release that did not write it down, or was withdrawn. */
  readonly form: Form | null;
  /** What it was asked for since, of which nobody knows whether it was done, or what of it; of what was withdrawn: what it had then. */
  readonly maybes: readonly Form[];
  /** It waits for a person at the destination, as far as is known. */
  readonly awaits: boolean;
  /** It was withdrawn, or may have been. Absent: it was not, since it was brought last. */
  readonly withdrawn?: 'maybe' | 'yes';
}

/** One item in the destination's own form. */
export interface Rendered {
  readonly id: number;
  readonly key: IndicatorKey;
  /** Changes exactly when what the destination would hold changes. */
  readonly hash: string;
  /**
   * Batches are ordered by it, so that what can travel together does. What the destination holds by an id of its own is changed by that
   * id, and has another one than what is new to it.
   */
  readonly batchKey: string;
  /** As the destination knows it: the value to look for when confirming. */
  readonly value: string;
  readonly form: Form;
  /** What is sent of it, where that is more than its form: JSON that is not kept, and is rendered again whenever it is sent. */
  readonly content?: Form;
  /** As the item has it. */
  readonly held?: Held;
  /** Of a shipment that was written down: the hash that it was planned with. Another one than `hash` when the item has changed since. */
  readonly plannedHash?: string;
}

/** One request: items that are all new to the destination, or all held by ids of its own, within its limits. */
export interface Shipment {
  /** Unique to this shipment, stable over retries: a destination that shows it back can be asked for it when the acknowledgement was lost. */
  readonly name: string;
  readonly items: readonly Rendered[];
}

/** What the destination gave back: JSON that `confirm` understands; it holds no indicator value and no secret. */
export type Receipt = Readonly<Record<string, string | number | boolean | null>>;

/** A try to send of which nobody knows whether it was taken in. */
export interface LostTry {
  readonly sentAfter: Date;
  /** When it ended without a real answer; null when whoever sent it did not live to say so. */
  readonly endedAt: Date | null;
}

export type Found =
  | { readonly kind: 'found'; readonly receipt: Receipt }
  /** It is not there, and may still be on its way in; ask again after this many milliseconds. */
  | { readonly kind: 'waiting'; readonly retryAfterMs: number }
  /** The destination has never seen it and, as far as can be told, will not see it any more. */
  | { readonly kind: 'absent' };

export interface Unknown {
  readonly id: number;
  readonly reason: string;
  /** The destination was asked for just this, and does not show it: whoever asks again later may send it once more. */
  readonly isAbsent?: true;
  /** It can be done as soon as nobody reviews any more what is there. */
  readonly afterReview?: true;
}

export interface RejectedItem {
  readonly id: number;
  readonly reason: string;
  /** A person there has left it out, as far as can be told: that holds also when it changes. */
  readonly byReviewer?: true;
}

export type Confirmation =
  /** The destination does not know yet; ask again after this many milliseconds. */
  | { readonly kind: 'waiting'; readonly retryAfterMs: number }
  | {
      readonly kind: 'settled';
      readonly accepted: readonly number[];
      readonly rejected: readonly RejectedItem[];
      /**
       * Nobody can say, after a bounded effort, whether the destination has them: they are set aside, and treated as held when they
       * end. Never rejected, and never confirmed, for want of an answer.
       */
      readonly unknown: readonly Unknown[];
      /** The ids that the destination gave, of items that it has said one of; null for one that holds no longer. */
      readonly given?: readonly { readonly id: number; readonly remoteId: string | null }[];
      /** What was accepted waits for a person, who is not waited for: see `reviewed`. */
      readonly awaitsReview?: true;
      /** What an operator should know, for instance `ready for review`. */
      readonly note: string;
    };

/** What it holds, or may hold, and must give up. */
export interface Withdrawable {
  readonly id: number;
  readonly key: IndicatorKey;
  /** Null when nothing is known of it. */
  readonly held: Held | null;
  /** The receipt of the request with which it waits for a person; null or absent when it does not. */
  readonly awaiting?: Receipt | null;
  /** The receipt of the request of which nobody knows whether it has brought it: it may do so yet. Null or absent when there is none. */
  readonly unsure?: Receipt | null;
}

/** What became of items that were to be given up. */
export interface Withdrawn {
  readonly withdrawn: readonly number[];
  /** Nothing of them is left there, and no id of theirs holds any more: that is as good as withdrawn. */
  readonly missing: readonly number[];
  /** It may hold them still; the reason is a sentence without the value. */
  readonly unknown: readonly { readonly id: number; readonly reason: string }[];
}

/** One of the items that we have brought there, as it is now. */
export interface OwnItem {
  /** The id that it goes by there. */
  readonly remoteId: string;
  /** As the destination shows it: see `Rendered.value`. */
  readonly value: string;
  /** As whoever uses it sees it: current, waiting for a person, or withdrawn, revoked, ended. */
  readonly state: 'held' | 'waiting' | 'gone';
}

/** Sends one shipment. Its acknowledgement is not a confirmation. */
export type Send = (
  shipment: Shipment,
  signal: AbortSignal,
  /**
   * Called when its turn has come; has ended before the first byte leaves. From then on any fault but `Unavailable` is the destination's own
   * answer: it has not taken the request in, or has done it `inPart`.
   */
  leaving?: () => Promise<void>,
) => Promise<Receipt>;

/** A TIP. Everything that does I/O takes a signal, throws only `Fault`s, and may be called again with the same arguments. */
export interface Destination {
  /** Shown to operators: the kind, and the host it talks to. */
  readonly describe: string;
  /** What people there call a request that brings indicators, if they see it: `import session`. Absent: they do not. */
  readonly shipmentName?: string;
  /** Items of one full request. Absent: as many as a batch has. */
  readonly fullLoad?: number;
  /** Items that are withdrawn in one call at most. Absent: 1 */
  readonly withdrawLoad?: number;
  /** What has come to its end is withdrawn by the first run after it, though the destination would end it by itself later. Absent: it is not. */
  readonly exactEnd?: boolean;
  /** Pure: what would be held for this item. */
  render(item: Deliverable): Rendered;
  /** Pure: requests, each of what is new or of what is held, within the destination's limits, in a stable order. */
  plan(items: readonly Rendered[]): readonly (readonly Rendered[])[];
  /** Pure: about how many requests such a shipment costs when nothing goes wrong, with asking what became of it. */
  requestsFor(items: readonly Rendered[]): number;
  /** Of items that are new there. */
  readonly bring: Send;
  /** Of items that it holds by ids of its own. */
  readonly change: Send;
  /** Looks for a shipment whose acknowledgement was lost, wherever the destination shows it. */
  find(shipment: Shipment, lost: LostTry, signal: AbortSignal): Promise<Found>;
  /** Asks what became of a shipment. */
  confirm(
    shipment: Shipment,
    receipt: Receipt,
    signal: AbortSignal,
    /** It had been settled while it waited for a person, and is asked about once more since that is over: see `reviewed`. */
    since?: 'reviewed',
  ): Promise<Confirmation>;
  /**
   * Of requests that were settled while they wait for a person, those that a person has decided about since, or that are gone: asked for
   * all at once. `confirm` then tells what became of each item. Absent where nobody reviews anything.
   */
  reviewed?(
    waiting: readonly { readonly shipmentId: number; readonly receipt: Receipt }[],
    signal: AbortSignal,
  ): Promise<readonly number[]>;
  /** Has items be no longer current there: inactive, revoked, ended. */
  withdraw(items: readonly Withdrawable[], signal: AbortSignal): Promise<Withdrawn>;
  /**
   * What this deployment has brought, page by page, each item once unless it changes meanwhile, or the destination forgets how far it was
   * read; of what is gone, as much as the destination still shows. Absent: it cannot be asked for what it has.
   */
  own?(signal: AbortSignal): AsyncIterable<readonly OwnItem[]>;
}
