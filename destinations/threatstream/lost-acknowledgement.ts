import { Fault } from '../../indicators/fault.ts';
import type { Delivery } from './delivery.ts';
import { API } from './threatstream-client.ts';

/** Asking more often would only cost requests. */
const ASK_AGAIN_MS = 10_000;

/**
 * Lets `find` say "never seen" only when so much time has passed that what is not there will not come any more: a request
 * whose connection broke may still be on its way in. Until then it throws `Unavailable` with when to ask again. A request
 * that was answered, with 429 or a refusal, was not taken in: for it there is nothing to look for.
 */
export function withLostAcknowledgements(delivery: Delivery, graceMs: number, now: () => Date): Delivery {
  /** Markers of requests whose last try was turned away; only this process knows, another one looks for them. */
  const turnedAway = new Set<string>();
  return {
    confirm: delivery.confirm,

    async send(shipment, signal, leaving) {
      turnedAway.delete(shipment.marker);
      try {
        return await delivery.send(shipment, signal, leaving);
      } catch (error) {
        if (error instanceof Fault && error.kind !== 'Unavailable') turnedAway.add(shipment.marker);
        throw error;
      }
    },

    async find(shipment, sentAfter, signal) {
      if (turnedAway.delete(shipment.marker)) return null;
      const receipt = await delivery.find(shipment, sentAfter, signal);
      const leftMs = sentAfter.getTime() + graceMs - now().getTime();
      if (receipt !== null || leftMs <= 0) return receipt;
      throw new Fault('Unavailable', `${API} did not acknowledge a request and does not show it so far.`, {
        retryAfterMs: Math.min(leftMs, ASK_AGAIN_MS),
      });
    },
  };
}
