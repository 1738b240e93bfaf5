import { z } from 'zod';
import type { Receipt } from '../destination.ts';
import { type Trouble, troubles } from './troubles.ts';

/** What is known of a request once it was answered. */
export interface Taken {
  /** When the last of it was answered. */
  readonly sentAt: Date;
  readonly troubles: readonly Trouble[];
  /** Items that a person there has switched off, and that were left alone. */
  readonly switchedOff: readonly number[];
}

const receipt = z.object({
  sentAt: z.string().catch(''),
  troubles: z.string().catch('[]'),
  switchedOff: z.string().catch('[]'),
});

export function toReceipt({ sentAt, ...taken }: Taken): Receipt {
  return {
    sentAt: sentAt.toISOString(),
    troubles: JSON.stringify(taken.troubles),
    switchedOff: JSON.stringify(taken.switchedOff),
  };
}

export function fromReceipt(kept: Receipt): Taken {
  const read = receipt.parse(kept);
  const sentAt = Date.parse(read.sentAt);
  return {
    sentAt: new Date(Number.isNaN(sentAt) ? 0 : sentAt),
    troubles: troubles.parse(JSON.parse(read.troubles)),
    switchedOff: z.array(z.number()).parse(JSON.parse(read.switchedOff)),
  };
}
