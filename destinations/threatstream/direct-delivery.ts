import type { Receipt } from '../destination.ts';
import { bulkBody } from './bulk-body.ts';
import type { Delivery } from './delivery.ts';
import { missingAsRejected } from './missing-items.ts';
import { searchByMarker } from './search.ts';
import { requireAccepted } from './submission.ts';
import { API, type ThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

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

    async find(shipment, sentAfter, signal) {
      const brought = await searchByMarker(client, shipment.marker, signal);
      return brought.length > 0 ? receiptOf(sentAfter) : null;
    },

    async confirm(shipment, receipt, signal) {
      const sentAt = Date.parse(String(receipt['sentAt']));
      if (Number.isNaN(sentAt)) throw new TypeError('The receipt does not say when it was sent.');
      const brought = await searchByMarker(client, shipment.marker, signal);
      const reason = `${API} accepted it with 202 but never imported it`;
      const confirmation = missingAsRejected(shipment, brought, reason, 'active');
      const waits = confirmation.rejected.length > 0 && deps.now().getTime() < sentAt + settings.confirmForMs;
      return waits ? { kind: 'waiting', retryAfterMs: settings.confirmPollMs } : confirmation;
    },
  };
}

function receiptOf(sentAt: Date): Receipt {
  return { kind: 'direct', sentAt: sentAt.toISOString() };
}
