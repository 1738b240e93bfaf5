import type { Collection } from './collection.ts';
import type { Companions } from './companions.ts';
import type { Standing } from './standing.ts';
import type { TaxiiClient } from './taxii-client.ts';

/** What the acts on one collection share. */
export interface Parts {
  readonly client: TaxiiClient;
  readonly collection: Collection;
  readonly companions: Companions;
  /** What there is of ids of ours, as the server shows it now. */
  readonly standings: (ids: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, Standing>>;
  /** The id of who has created what is ours. */
  readonly producer: string;
  readonly now: () => Date;
  /** Our ids are made in it. */
  readonly namespace: string;
  readonly confirmFor: number;
  readonly confirmPoll: number;
  readonly lostAckGrace: number;
  readonly requestTimeoutMs: number;
}
