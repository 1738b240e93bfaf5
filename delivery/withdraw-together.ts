import { cancellationSignal } from '@temporalio/activity';
import type { Withdrawn } from '../destinations/destination.ts';
import { Fault } from '../indicators/fault.ts';
import type { ClaimedItem } from '../ledger/retractions.ts';
import { halves } from './halves.ts';
import type { Pipeline } from './parts.ts';

/** Withdraws items in one request; where that is declined, in halves, until the one to blame stands alone: nobody knows of that one. */
export async function withdrawTogether(pipeline: Pipeline, items: readonly ClaimedItem[]): Promise<Withdrawn> {
  try {
    return await pipeline.destination.withdraw(
      items.map(({ type, value, ...item }) => ({ ...item, key: { type, value } })),
      cancellationSignal(),
    );
  } catch (error) {
    if (!(error instanceof Fault) || (error.kind !== 'Rejected' && error.kind !== 'TooLarge')) throw error;
    const [only, ...others] = items;
    if (only === undefined) throw error;
    if (others.length === 0) return { withdrawn: [], missing: [], unknown: [{ id: only.id, reason: error.message }] };
    const parts: Withdrawn[] = [];
    for (const half of halves(items)) parts.push(await withdrawTogether(pipeline, half));
    return {
      withdrawn: parts.flatMap(({ withdrawn }) => withdrawn),
      missing: parts.flatMap(({ missing }) => missing),
      unknown: parts.flatMap(({ unknown }) => unknown),
    };
  }
}
