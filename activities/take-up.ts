import { forgetEnded, takeUpExpired } from '../ledger/expired.ts';
import { takeUpSetAside } from '../ledger/set-aside.ts';
import type { Parts } from './parts.ts';
import type { WindowRef } from './window-ref.ts';

/**
 * Gives a live window what no row of it asks for: what was set aside and is due, unless it is over without ever having been brought, and,
 * where that is wished, what has come to its end.
 */
export async function takeUp(parts: Parts, { pipeline, windowId }: WindowRef): Promise<void> {
  const now = parts.now();
  await forgetEnded(parts.ledger, windowId, now);
  const { destination, gatherMs } = parts.pipeline(pipeline);
  await takeUpSetAside(parts.ledger, windowId, now, gatherMs > 0);
  if (destination.exactEnd === true) await takeUpExpired(parts.ledger, { windowId, now });
}
