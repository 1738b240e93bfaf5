import type { Receipt } from '../destination.ts';
import { bulkBody } from './bulk-body.ts';
import type { Delivery } from './delivery.ts';
import { itemsShown } from './items-shown.ts';
import { searchByTag } from './search.ts';
import { requireAccepted } from './submission.ts';
import { openMarker } from './tags.ts';
import { API, type ThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/**
 * Nothing says what became of it: it was imported later ("after an indefinite interval"), left out, or is held already and so discarded
 * as a duplicate.
 */
const UNKNOWN = `${API} accepted it with 202 and does not show it: it may have left it out, or import it yet`;

/** Delivery by direct writes, which give no id back: what became of them only a search tells. */
export function directDelivery(
  settings: ResolvedSettings,
  deps: ThreatStreamDeps,
  client: ThreatStreamClient,
): Delivery {
  return {
    async send(shipment, signal, leaving) {
      const sentAt = deps.now();
      const reply = await client.send(
        {
          method: 'PATCH',
          path: `/api/${settings.importVersion}/intelligence/`,
          body: { type: 'application/json', text: bulkBody(shipment, settings, sentAt) },
          needs: 'write without approval ("Approve Intel"); grant it, or set approval to required',
        },
        signal,
        leaving,
      );
      requireAccepted(reply, shipment);
      return receiptOf(sentAt);
    },

    async look(shipment, _, signal) {
      const { found, unreadable } = await searchByTag(client, openMarker(shipment.marker), signal);
      return found.length + unreadable > 0 ? receiptOf(deps.now()) : null;
    },

    async confirm(shipment, receipt, signal) {
      const sentAt = Date.parse(String(receipt['sentAt']));
      if (Number.isNaN(sentAt)) throw new TypeError('The receipt does not say when it was sent.');
      const { found } = await searchByTag(client, openMarker(shipment.marker), signal);
      const { shown, others } = itemsShown(shipment, found);
      if (others.length > 0 && deps.now().getTime() < sentAt + settings.confirmForMs) {
        return { kind: 'waiting', retryAfterMs: settings.confirmPollMs };
      }
      const unknown = others.map((id) => ({ id, reason: UNKNOWN, isAbsent: true as const }));
      return { kind: 'settled', accepted: shown, rejected: [], unknown, note: 'active' };
    },
  };
}

/** From when on it counts how long it takes to show: when it was sent, or found. */
function receiptOf(sentAt: Date): Receipt {
  return { kind: 'direct', sentAt: sentAt.toISOString() };
}
