import { parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Receipt } from '../destination.ts';
import type { Delivery } from './delivery.ts';
import { importForm } from './import-form.ts';
import { type ImportSession, importReply } from './reply-schemas.ts';
import { searchByTag } from './search.ts';
import { sessionById, sessionByMarker } from './session-lookup.ts';
import { settled } from './session-outcome.ts';
import { requireAccepted } from './submission.ts';
import { API, type ThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/** Delivery by import sessions, which an analyst approves, or which are active at once. */
export function sessionDelivery(
  settings: ResolvedSettings,
  deps: ThreatStreamDeps,
  client: ThreatStreamClient,
): Delivery {
  return {
    async send(shipment, signal, leaving) {
      const sentAt = deps.now();
      const reply = await client.send(
        {
          method: 'POST',
          path: `/api/${settings.importVersion}/intelligence/import/`,
          body: { type: 'application/x-www-form-urlencoded', text: importForm(shipment, settings, sentAt) },
          needs:
            settings.approval === 'automatic'
              ? 'approve imports ("Approve Import"); grant it, or set approval to required'
              : 'import intelligence',
        },
        signal,
        leaving,
      );
      requireAccepted(reply, shipment);
      const parsed = importReply.safeParse(parseJson(API, reply));
      const { success, import_session_id: sessionId } = parsed.data ?? { success: null, import_session_id: null };
      if (success !== false && sessionId !== null) return receiptOf(sessionId, sentAt);
      // It may have been taken in nevertheless: before it is sent again, it is looked for.
      const what = success === false ? 'with success: false' : 'without a readable import_session_id';
      throw new Fault('Unavailable', `${API} accepted an import ${what}.`);
    },

    async look(shipment, sentAfter, signal) {
      const session = await sessionByMarker(client, shipment.marker, sentAfter, signal).catch((error: unknown) => {
        // Whoever writes directly need not be allowed to see sessions.
        if (settings.approval === 'bypass' && error instanceof Fault && error.kind === 'Refused') return null;
        throw error;
      });
      if (session !== null) return receiptOf(session.id, deps.now());
      const { found, unreadable } = await searchByTag(client, shipment.marker, signal);
      if (found.length + unreadable === 0) return null;
      return receiptOf(found.find(({ sessionId }) => sessionId !== null)?.sessionId ?? null, deps.now());
    },

    async confirm(shipment, receipt, signal) {
      const { sessionId, sentAt } = receipt;
      const session = typeof sessionId === 'string' ? await sessionById(client, sessionId, signal) : null;
      const since = Date.parse(String(sentAt));
      const settles = { client, shipment, signal, ...deadlines(session, since, settings, deps.now()) };
      const outcome = await settled(session, settles);
      return outcome ?? { kind: 'waiting', retryAfterMs: settings.confirmPollMs };
    },
  };
}

function deadlines(
  session: ImportSession | null,
  since: number,
  { confirmForMs, sessionForMs }: ResolvedSettings,
  now: Date,
): { readonly sessionIsOverdue: boolean; readonly searchIsOverdue: boolean } {
  const sessionIsOverdue = now.getTime() >= since + sessionForMs;
  // A search is behind the session's end, which the session tells by a clock of its own: at most as long as the session may take.
  const modified = Date.parse(`${session?.modified ?? ''}Z`);
  const ended = Number.isNaN(modified) ? since : Math.max(since, modified);
  return { sessionIsOverdue, searchIsOverdue: sessionIsOverdue || now.getTime() >= ended + confirmForMs };
}

/** Of what was found by what it brought, the session may not be known: then only a search tells what became of it. */
function receiptOf(sessionId: string | null, sentAt: Date): Receipt {
  return { kind: 'session', sessionId, sentAt: sentAt.toISOString() };
}
