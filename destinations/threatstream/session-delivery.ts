import { parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Confirmation, Receipt, Shipment } from '../destination.ts';
import type { Delivery } from './delivery.ts';
import { importForm } from './import-form.ts';
import { missingAsRejected } from './missing-items.ts';
import { type ImportSession, importReply } from './reply-schemas.ts';
import { searchByMarker } from './search.ts';
import { sessionById, sessionByMarker } from './session-lookup.ts';
import { requireAccepted } from './submission.ts';
import { API, type ThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

const READY = 'ready for review';
const ACTIVE = 'active';

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
      if (parsed.success && parsed.data.success !== false) return receiptOf(parsed.data.import_session_id, sentAt);
      // It may have been taken in nevertheless: before it is sent again, it is looked for.
      throw new Fault('Unavailable', `${API} accepted an import without naming its session.`);
    },

    async find(shipment, sentAfter, signal) {
      const session = await sessionByMarker(client, shipment.marker, sentAfter, signal);
      if (session !== null) return receiptOf(session.id, sentAfter);
      const brought = await searchByMarker(client, shipment.marker, signal);
      const sessionId = brought.find(
        ({ import_session_id }) => typeof import_session_id === 'string',
      )?.import_session_id;
      return typeof sessionId === 'string' ? receiptOf(sessionId, sentAfter) : null;
    },

    async confirm(shipment, receipt, signal) {
      const { sessionId, sentAt } = receipt;
      if (typeof sessionId !== 'string') throw new TypeError('The receipt is not one of an import session.');
      const overdue = deps.now().getTime() >= Date.parse(String(sentAt)) + settings.confirmForMs;
      const session = await sessionById(client, sessionId, signal);
      if (session === null)
        return overdue ? allRejected(shipment, `${API} no longer has the import session`) : waiting(settings);
      switch (session.status) {
        case 'done':
        case 'approved':
          return settled(shipment, session, overdue, settings, client, signal);
        case 'errors':
          return allRejected(shipment, `the import session ended in errors${quoted(session)}`);
        case 'deleted':
          return allRejected(shipment, 'the import session was rejected in review');
        default:
          return waiting(settings);
      }
    },
  };
}

/** The session knows how many; when that is not all of them, a search tells which. */
async function settled(
  shipment: Shipment,
  session: ImportSession,
  overdue: boolean,
  settings: ResolvedSettings,
  client: ThreatStreamClient,
  signal: AbortSignal,
): Promise<Confirmation> {
  const note = session.status === 'approved' ? ACTIVE : READY;
  const all = shipment.items.map(({ id }) => id);
  const imported = session.numIndicators ?? 0;
  const refused = session.numRejected ?? 0;
  if (imported === all.length && refused === 0)
    return { kind: 'settled', accepted: all, rejected: [], unknown: [], note };

  const brought = imported === 0 ? [] : await searchByMarker(client, shipment.marker, signal);
  if (brought.length < imported) {
    // The search is behind, or does not show what waits for a review: which ones are missing cannot be told yet.
    if (!overdue) return waiting(settings);
    const unknown = `${note}; ${API} took ${imported} and rejected ${refused}, but its search does not show which`;
    return { kind: 'settled', accepted: all, rejected: [], unknown: [], note: unknown };
  }
  const reason =
    refused > 0
      ? `${API} rejected it in the import session${quoted(session)}`
      : `${API} left it out of the import session`;
  return missingAsRejected(shipment, brought, reason, note);
}

function receiptOf(sessionId: string, sentAt: Date): Receipt {
  return { kind: 'session', sessionId, sentAt: sentAt.toISOString() };
}

function waiting({ confirmPollMs }: ResolvedSettings): Confirmation {
  return { kind: 'waiting', retryAfterMs: confirmPollMs };
}

function allRejected({ items }: Shipment, reason: string): Confirmation {
  return {
    kind: 'settled',
    accepted: [],
    rejected: items.map(({ id }) => ({ id, reason })),
    unknown: [],
    note: reason,
  };
}

/** What the session says for a person to read, in a form fit for the quarantine. */
function quoted({ messages }: ImportSession): string {
  const text = typeof messages === 'string' ? messages : JSON.stringify(messages ?? '');
  const clean = text.replace(/\s+/g, ' ').trim();
  return clean === '' || clean === '""' || clean === '[]' ? '' : `: ${clean.slice(0, 200)}`;
}
