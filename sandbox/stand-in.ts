import type { z } from 'zod';
import type { TokenState } from './entra/tokens.ts';
import type { Workspace } from './logs/workspace.ts';
import type { WireApi } from './wire.ts';

/** What a stand-in is opened with. */
export interface Given<Faults> {
  /** Those that are set now. */
  readonly faults: () => Faults;
  readonly now: () => Date;
  /** Where clients reach it, without a slash at its end: `https://localhost:1234/taxii`. */
  readonly address: () => string;
  /** What a bearer token is good for that Entra ID gave; `authorization` is the header's value. Default: every token is good. */
  readonly checkToken?: (authorization: string | undefined, audience: string) => TokenState;
  /** Requests in a second. Default: no limit. */
  readonly perSecond?: number;
  /** What `snapshot` gave. */
  readonly restore?: unknown;
}

/** One item that a TIP has, or had. */
export interface TipItem {
  /** By which the TIP tells items apart. */
  readonly id: string;
  /** The observable: what was meant by a pattern, an attribute, a record. */
  readonly value: string;
  /** `held`: someone who uses the TIP is shown it as current; `waiting`: for an analyst; `gone`: withdrawn, revoked, deleted or ended. */
  readonly state: 'held' | 'waiting' | 'gone';
}

/** What it has seen since it was opened; what it holds and what arrived twice also from before, when state is kept. */
export interface TipCounts {
  readonly requests: number;
  /** Answers of 429. */
  readonly throttled: number;
  /** Values that are held or wait. */
  readonly holds: number;
  /** Items that arrived again although they were held, or under way, in just that form. */
  readonly duplicates: number;
  /** Changes of what it held. */
  readonly updates: number;
  /** Items that went from held to gone. */
  readonly withdrawn: number;
}

/** A stand-in that is open. */
export interface Tip extends WireApi {
  counts(): TipCounts;
  items(): readonly TipItem[];
  /** JSON that `restore` takes. */
  snapshot(): unknown;
  /** Where what it takes in is read again by a query: a workspace of its own. */
  readonly workspace?: Workspace;
  /** What else can be done there, or asked of it, by name: see `control-api.ts`. */
  readonly controls?: Readonly<Record<string, (body: unknown) => unknown>>;
}

/** A stand-in of a TIP: one folder of the sandbox, and one line in `stand-ins.ts`. */
export interface StandIn<Faults = unknown, Open extends Tip = Tip> {
  /** In its addresses, its faults and its counts. */
  readonly name: string;
  /** What a client signs in with; fixed, and nobody's. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Everything of it that can be made to go wrong, all off by default, each with the fact that it stands for. */
  readonly faults: z.ZodType<Faults>;
  open(given: Given<Faults>): Open;
}
