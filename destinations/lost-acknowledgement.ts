import type { Destination, LostTry, Receipt, Shipment } from './destination.ts';

/** Asked again after half as long as has passed, within these: what comes late comes ever more seldom. */
const SOONEST_MS = 2_000;
const LATEST_MS = 60_000;

/**
 * Lets `find` say `absent` only when so much time has passed since the try *ended* that what is not there will hardly come any more: a
 * gateway that gives up answers while the request is still on its way in. A try whose end nobody saw may have gone on for as long as a
 * request may take.
 */
export function withGrace(
  look: (shipment: Shipment, lost: LostTry, signal: AbortSignal) => Promise<Receipt | null>,
  { lostAckGrace, requestTimeout }: { readonly lostAckGrace: number; readonly requestTimeout: number },
  now: () => Date,
): Destination['find'] {
  return async (shipment, lost, signal) => {
    const { sentAfter, endedAt } = lost;
    const asked = now().getTime();
    const receipt = await look(shipment, lost, signal);
    if (receipt !== null) return { kind: 'found', receipt };
    const ended = endedAt?.getTime() ?? sentAfter.getTime() + requestTimeout;
    const leftMs = ended + lostAckGrace - asked;
    if (leftMs <= 0) return { kind: 'absent' };
    const soon = Math.min(LATEST_MS, Math.max(SOONEST_MS, (asked - ended) / 2));
    return { kind: 'waiting', retryAfterMs: Math.ceil(Math.min(leftMs, soon)) };
  };
}
