import { failingOf, forgetFailures } from '../ledger/failing.ts';
import {
  claimRetractions,
  forgetRemoteIds,
  markRetracted,
  type RetractableItem,
  setRetractionsAside,
} from '../ledger/retractions.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { hopelessAmong, isUnavailable } from './patience.ts';
import { progressed } from './progress.ts';
import { SIDE_BY_SIDE } from './settle-sent.ts';
import { withdrawTogether } from './withdraw-together.ts';

const UNANSWERED = 'the destination did not withdraw it, again and again, while it answered other questions';

/**
 * Withdraws what the destination must give up; what another pipeline delivers to the same organisation stays there. What was withdrawn
 * is written down, and all of it is tried, before a failure of one is passed on; what only makes one fail does not keep the rest of the
 * batch.
 */
export async function withdrawItems(
  parts: Parts,
  pipeline: Pipeline,
  input: BatchRef,
  items: readonly RetractableItem[],
): Promise<Withdrawal> {
  const { ledger } = parts;
  const failing = await failingOf(
    ledger,
    'withdraw',
    items.map(({ id }) => id),
  );
  const triesOf = ({ id }: RetractableItem): number => failing.get(id)?.tries ?? 0;
  const known = items.filter(({ id }) => failing.has(id)).toSorted((a, b) => triesOf(a) - triesOf(b));
  const fresh = items.filter(({ id }) => !failing.has(id));
  // What has failed before is tried alone: it keeps no other then.
  const together = [...inParts(fresh, pipeline.destination.withdrawLoad ?? 1), ...inParts(known, 1)];
  const failed: Failed[] = [];
  let later = 0;
  let withdrawn = 0;
  for (const group of inParts(together, SIDE_BY_SIDE)) {
    const ids = group.flat().map(({ id }) => id);
    const { mine, stay } = await claimRetractions(ledger, input.windowId, ids, parts.now(), pipeline.sharing);
    later += ids.length - mine.length - stay.length;
    const mineIn = (part: readonly RetractableItem[]) => mine.filter(({ id }) => part.some((one) => one.id === id));
    const requests = group.map(mineIn).filter(({ length }) => length > 0);
    const tries = await Promise.allSettled(requests.map((part) => withdrawTogether(pipeline, part)));
    const done = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const missing = done.flatMap((one) => one.missing);
    const gone = [...done.flatMap((one) => one.withdrawn), ...missing];
    await markRetracted(ledger, input.windowId, gone, parts.now());
    await forgetRemoteIds(ledger, missing);
    await forgetFailures(
      ledger,
      'withdraw',
      gone.filter((id) => failing.has(id)),
    );
    const unknown = done.flatMap((one) => one.unknown);
    await setRetractionsAside(ledger, input.windowId, unknown, parts.now());
    parts.telemetry.settled(pipeline.name, { retracted: gone.length });
    withdrawn += gone.length;
    if (gone.length > 0) progressed({ retracted: withdrawn });
    for (const [place, part] of requests.entries()) {
      const one = tries[place];
      if (one?.status === 'rejected') failed.push(...part.map(({ id }) => ({ id, fault: one.reason })));
    }
    const isStuck = tries.length > 0 && gone.length + unknown.length === 0;
    if (isStuck || failed.some(({ fault }) => !isUnavailable(fault))) break;
  }
  const stops = failed.find(({ fault }) => !isUnavailable(fault));
  if (stops !== undefined) throw stops.fault;
  return { later, failure: await leftOf(parts, pipeline, input, failed, withdrawn > 0) };
}

export interface Withdrawal {
  /** Items that have to wait for another batch. */
  readonly later: number;
  /** To be passed on once the rest of the batch has been seen to. */
  readonly failure: Failed | null;
}

interface Failed {
  readonly id: number;
  readonly fault: unknown;
}

/** Sets aside what nobody will withdraw by trying on; returns the failure of another one, if there is one. */
async function leftOf(
  parts: Parts,
  pipeline: Pipeline,
  { windowId }: BatchRef,
  failed: readonly Failed[],
  answered: boolean,
): Promise<Failed | null> {
  const ids = failed.map(({ id }) => id);
  const hopeless = await hopelessAmong(parts, pipeline, 'withdraw', ids, answered);
  await setRetractionsAside(
    parts.ledger,
    windowId,
    hopeless.map((id) => ({ id, reason: UNANSWERED })),
    parts.now(),
  );
  return failed.find(({ id }) => !hopeless.includes(id)) ?? null;
}

function inParts<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
