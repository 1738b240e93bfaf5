import type { Indicator } from '../indicators/indicator.ts';
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

/** What was asked of the destination for an item: `Rendered.payload`, as it was when it was asked. */
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
}

/** One item in the destination's own form. */
export interface Rendered {
  readonly id: number;
  /** Changes exactly when what the destination would hold changes. */
  readonly hash: string;
  /**
   * Items with the same group may travel in one request. What the destination holds by an id of its own is changed by that id, and
   * never in the group of what is new to it.
   */
  readonly group: string;
  /** As the destination knows it: the value to look for when confirming. */
  readonly value: string;
  /** The wire form, JSON only; `bytes` is its share of a request. */
  readonly payload: Form;
  readonly bytes: number;
  /** As the item has it. */
  readonly held?: Held;
}

/** How the markers of shipments begin. */
export const MARKER_PREFIX = 'mdti-sync:';

/** One request: items of one group, within the destination's limits. */
export interface Shipment {
  /** Unique to this shipment, stable over retries; the destination shows it back, so a lost acknowledgement can be found. */
  readonly marker: string;
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

export interface Retractable {
  readonly id: number;
  readonly value: string;
  /** The id that the destination gave; null or absent when it never said one. */
  readonly remoteId?: string | null;
  /** The receipt of the request with which it waits for a person; null or absent when it does not. */
  readonly awaiting?: Receipt | null;
  /** The receipt of the request of which nobody knows whether it has brought it: it may do so yet. Null or absent when there is none. */
  readonly unsure?: Receipt | null;
}

/** A TIP. Everything that does I/O takes a signal, throws only `Fault`s, and may be called again with the same arguments. */
export interface Destination {
  /** Shown to operators: the type, and the host it talks to. */
  readonly describe: string;
  /** What people there call a request that brings indicators, if they see it: `import session`. Absent: they do not. */
  readonly shipmentName?: string;
  /** Items of one full request. Absent: as many as a batch has. */
  readonly fullLoad?: number;
  /** Pure: what would be held for this item. */
  render(item: Deliverable): Rendered;
  /** Pure: requests of one group each, within the destination's limits, in a stable order. */
  plan(items: readonly Rendered[]): readonly (readonly Rendered[])[];
  /** Pure: about how many requests such a shipment costs when nothing goes wrong, with asking what became of it. */
  requestsFor(items: readonly Rendered[]): number;
  /**
   * Sends one shipment. Its acknowledgement is not a confirmation. `leaving` is called when its turn has come, and has ended before
   * the first byte leaves. From then on any fault but `Unavailable` is the destination's own answer: it has not taken the request in, or
   * has done it `inPart`.
   */
  send(shipment: Shipment, signal: AbortSignal, leaving?: () => Promise<void>): Promise<Receipt>;
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
  /** Withdraws values (sets them inactive). */
  retract(
    values: readonly Retractable[],
    signal: AbortSignal,
  ): Promise<{
    readonly retracted: readonly number[];
    /** Nothing of them is left there, and no id of theirs holds any more: that is as good as withdrawn. */
    readonly missing: readonly number[];
    /** It may hold them still; the reason is a sentence without the value. */
    readonly unknown: readonly { readonly id: number; readonly reason: string }[];
  }>;
}
