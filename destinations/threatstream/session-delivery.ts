import { parseJson } from '../../http/faults.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Receipt } from '../destination.ts';
import type { Delivery, Shared } from './delivery.ts';
import { importForm } from './import-form.ts';
import { type ImportSession, importReply } from './reply-schemas.ts';
import { sessionOf } from './session-lookup.ts';
import { type Settling, settled } from './session-outcome.ts';
import { requireAccepted } from './submission.ts';
import { API, type ThreatStreamDeps } from './threatstream-client.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

const A_DAY_MS = 24 * 60 * 60_000;

/** Delivery by import sessions, which an analyst approves, or which are active at once. */
export function sessionDelivery(
  settings: ResolvedSettings,
  deps: ThreatStreamDeps,
  { client, board, ownerOf }: Shared,
): Delivery {
  return {
    async send(shipment, signal, leaving) {
      const sentAt = deps.now();
      const reply = await client.send(
        {
          method: 'POST',
          path: `/api/${settings.importVersion}/intelligence/import/`,
          body: importForm(shipment, settings, sentAt),
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
      if (success !== false && sessionId !== null) return sessionReceipt(sessionId, sentAt);
      // It may have been taken in nevertheless: before it is sent again, it is looked for.
      const what = success === false ? 'with success: false' : 'without a readable import_session_id';
      throw new Fault('Unavailable', `${API} accepted an import ${what}.`);
    },

    async look({ name }, { sentAfter }, signal) {
      const session = await sessionOf(client, name, sentAfter, signal).catch((error: unknown) => {
        // Whoever writes directly need not be allowed to see sessions.
        if (settings.approval === 'bypass' && error instanceof Fault && error.kind === 'Refused') return null;
        throw error;
      });
      return session === null ? null : sessionReceipt(session.id, deps.now());
    },

    async confirm(shipment, receipt, signal, reviewed) {
      const since = new Date(String(receipt['sentAt']));
      const sessionId = typeof receipt['sessionId'] === 'string' ? receipt['sessionId'] : null;
      const session = sessionId === null ? null : await board.session(sessionId, since, signal);
      const times = deadlines(session, since.getTime(), settings, deps.now());
      const outcome = await settled(session, {
        client,
        board,
        settings,
        ownerOf,
        shipment,
        signal,
        since,
        sessionId,
        isReviewed: reviewed !== undefined,
        ...times,
      });
      return outcome ?? { kind: 'waiting', retryAfterMs: settings.confirmPoll };
    },
  };
}

function deadlines(
  session: ImportSession | null,
  since: number,
  { confirmFor, sessionFor }: ResolvedSettings,
  now: Date,
): Pick<Settling, 'sessionIsOverdue' | 'searchIsOverdue' | 'isDead'> {
  const ageMs = now.getTime() - since;
  const sessionIsOverdue = ageMs >= sessionFor;
  // A search is behind the session's end, which the session tells by a clock of its own: at most as long as the session may take.
  const modified = Date.parse(`${session?.modified ?? ''}Z`);
  const ended = Number.isNaN(modified) ? since : Math.max(since, modified);
  const isDead = ageMs >= sessionFor + A_DAY_MS;
  return { sessionIsOverdue, isDead, searchIsOverdue: sessionIsOverdue || now.getTime() >= ended + confirmFor };
}

/** Of what was found by what it brought, the session may not be known: then only a search tells what became of it. */
export function sessionReceipt(sessionId: string | null, sentAt: Date): Receipt {
  return { kind: 'session', sessionId, sentAt: sentAt.toISOString() };
}
