import { cancellationSignal } from '@temporalio/activity';
import { Fault } from '../indicators/fault.ts';
import { type Failing, type FailingRequest, failingOf, forgetFailures, noteFailures } from '../ledger/failing.ts';
import type { Parts, Pipeline } from './parts.ts';

/** How much effort one request is worth that fails again and again, each time by itself. */
export const PATIENCE = {
  tries: 6,
  /** While requests like it get through. */
  besideOthersMs: 30 * 60_000,
  /** While there are none, and the destination answers other questions. */
  aloneMs: 6 * 60 * 60_000,
  /** Parts of what has failed that often are tried so many times each. */
  triesOfAPart: 2,
} as const;

/**
 * Whether trying on is of no use. `through` is when one of its like last got through; `alone`: there are none that could. When there
 * are, and none gets through, it is not this one's fault.
 */
export function isHopeless(failing: Failing | undefined, now: Date, through: Date | null, alone: boolean): boolean {
  if (failing === undefined || failing.tries < PATIENCE.tries) return false;
  const lastedMs = now.getTime() - failing.since.getTime();
  if (through !== null && through >= failing.since) return lastedMs >= PATIENCE.besideOthersMs;
  return alone && lastedMs >= PATIENCE.aloneMs;
}

/** Nobody knows what became of the request. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'Unavailable';
}

/**
 * Of requests that have just failed, those for which another try is of no use; they are written down as failed, unless the destination
 * answers nothing at all, which says nothing of them. `answered`: it has just answered others.
 */
export async function hopelessAmong(
  parts: Parts,
  pipeline: Pipeline,
  what: FailingRequest,
  ids: readonly number[],
  answered = false,
): Promise<readonly number[]> {
  if (ids.length === 0 || !(answered || (await answers(parts, pipeline)))) return [];
  const { ledger } = parts;
  const now = parts.now();
  const failing = await failingOf(ledger, what, ids);
  const hopeless = ids.filter((id) => isHopeless(failing.get(id), now, now, false));
  await noteFailures(
    ledger,
    what,
    ids.filter((id) => !hopeless.includes(id)),
    now,
  );
  await forgetFailures(ledger, what, hopeless);
  return hopeless;
}

const A_DAY_MS = 24 * 60 * 60_000;

/** Whether the destination answers at all: it is asked for a request that there never was. */
export async function answers(parts: Parts, { name, destination }: Pipeline): Promise<boolean> {
  const never = { name: parts.newShipmentName(name), items: [] };
  try {
    const aDayAgo = new Date(parts.now().getTime() - A_DAY_MS);
    await destination.find(never, { sentAfter: aDayAgo, endedAt: aDayAgo }, cancellationSignal());
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}
