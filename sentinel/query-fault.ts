import { z } from 'zod';
import { azureFault } from '../azure/azure-fault.ts';
import { NEW_TOKENS } from '../azure/kept-credential.ts';
import { faultOf } from '../http/faults.ts';
import type { HttpReply } from '../http/http-client.ts';
import type { Outcome } from '../http/recorded-client.ts';
import { Fault } from '../indicators/fault.ts';

export const LOGS = 'Log Analytics';

/** Kusto's own limits (result set, run-away query, memory), by name and number: a smaller slice helps. */
const TOO_LARGE = /E_QUERY_RESULT_SET_TOO_LARGE|E_RUNAWAY_QUERY|E_LOW_MEMORY_CONDITION|80DA000[137]/i;
const LONGEST_QUOTE = 500;

/**
 * Why a query failed, from the answer as it came: of the SDK's errors many say nothing of it.
 *
 * @param error what the SDK threw, for when nothing was answered (no token, no network).
 */
export function queryFault(workspaceId: string, error: unknown, outcome: Outcome, now: Date): Fault {
  if (outcome.kind !== 'reply') return azureFault(LOGS, error, { outcome, now });
  const { reply } = outcome;
  // Kusto may put its failure among the rows, where the SDK stumbles over it (learn.microsoft.com, "Partial query failures").
  if (isOk(reply)) return TOO_LARGE.test(reply.text) ? outOfRoom(reply) : azureFault(LOGS, error, { outcome, now });
  switch (reply.status) {
    case 504:
      // Says as little of the query as of the load that the service is under: who asks again and again finds out which.
      return new Fault('Unavailable', `${LOGS} did not finish the query in its time (504).`, { timedOut: true });
    case 400:
      return badQuery(workspaceId, reply);
    case 401:
      return new Fault(
        'Refused',
        `${LOGS} did not accept the token (401) for workspace ${workspaceId}: check that logAnalytics.endpoint and logAnalytics.scope are of the same cloud. ${NEW_TOKENS}`,
      );
    case 403:
      return new Fault(
        'Refused',
        `${LOGS} refused to read workspace ${workspaceId} (403): give the application the role "Log Analytics Reader" on it, and wait up to an hour for the role to take effect. ${NEW_TOKENS}`,
      );
    case 404:
      return new Fault(
        'Refused',
        `${LOGS} knows no workspace ${workspaceId} (404): check workspaceId (the workspace's own id, not its name or the subscription's), and that logAnalytics.endpoint ends in /v1.`,
      );
    default:
      return (
        faultOf(LOGS, reply, now) ?? new Fault('Refused', `${LOGS} answered ${reply.status}, which is not understood.`)
      );
  }
}

function isOk({ status }: HttpReply): boolean {
  return status >= 200 && status < 300;
}

const errorBody = z.object({ error: z.unknown() });
const errorNode = z.object({
  message: z.string().optional(),
  innererror: z.unknown().optional(),
  details: z.unknown().optional(),
});

function badQuery(workspaceId: string, reply: HttpReply): Fault {
  if (TOO_LARGE.test(reply.text)) return outOfRoom(reply);
  const quote = innermostMessage(reply.text);
  return new Fault(
    'Refused',
    `${LOGS} does not understand the query in workspace ${workspaceId} (400)${quote === null ? '' : `: ${quote}`} ` +
      'A missing table or column means that the workspace lacks the Threat Intelligence solution, or that `table` is the wrong one.',
  );
}

function outOfRoom({ status }: HttpReply): Fault {
  return new Fault('TooLarge', `${LOGS} ran out of room for the query (${status}).`);
}

/** The error nests by `innererror`; the last one is Kusto's own sentence ("Failed to resolve table …"). */
function innermostMessage(text: string): string | null {
  let message: string | null = null;
  let node: unknown = bodyOf(text);
  for (let depth = 0; depth < 8; depth += 1) {
    const parsed = errorNode.safeParse(node);
    if (!parsed.success) break;
    message = parsed.data.message ?? message;
    node = parsed.data.innererror ?? (Array.isArray(parsed.data.details) ? parsed.data.details[0] : undefined);
  }
  return message === null ? null : oneLine(message);
}

function bodyOf(text: string): unknown {
  try {
    return errorBody.parse(JSON.parse(text)).error;
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_QUOTE);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
