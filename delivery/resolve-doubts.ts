import { cancellationSignal } from '@temporalio/activity';
import type { Confirmation, Found, RejectedItem, Rendered, Unknown } from '../destinations/destination.ts';
import type { Rejection } from '../ledger/shipment-steps.ts';
import type { StoredShipment } from '../ledger/shipments.ts';
import { type Cleared, clearUp, pastShipments } from '../ledger/unsure.ts';
import { lookForLost } from './find-lost.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { answers, isUnavailable } from './patience.ts';
import { rejectionsOf } from './refused-items.ts';
import { onlyAsked, renderShipments } from './render-shipments.ts';

/** An item that the destination may hold already in just the form to send, or no longer because it may hold another one. */
export interface Unsure {
  readonly item: Rendered;
  /** What it may hold, and what that left with. */
  readonly mayHold: { readonly hash: string; readonly shipmentId: number };
}

/**
 * Asks the destination again about what was set aside because nobody knew whether it has it, before more is sent. Returns the items to
 * send, which are those that it does not have in this form, those that it still holds as it was known to, those that a person there has
 * rejected, and how many it has not finished with.
 */
export async function resolveDoubts(
  parts: Parts,
  pipeline: Pipeline,
  input: BatchRef,
  unsure: readonly Unsure[],
): Promise<{
  readonly toSend: readonly Rendered[];
  readonly held: readonly Rendered[];
  readonly refused: readonly Rejection[];
  readonly later: number;
}> {
  const toSend: Rendered[] = [];
  const held: Rendered[] = [];
  const refused: Rejection[] = [];
  let later = 0;
  const past = await pastShipments(parts.ledger, [...new Set(unsure.map(({ mayHold }) => mayHold.shipmentId))]);
  for (const { stored, shipment } of await renderShipments(parts, pipeline, past)) {
    const about = unsure.filter(({ mayHold }) => mayHold.shipmentId === stored.id);
    const asked = about.map(({ item }) => item);
    // What its window has decided anew since is no longer written down with it.
    const missing = asked.filter(({ id }) => shipment.items.every((item) => item.id !== id));
    const wanted = new Set(asked.map(({ id }) => id));
    const answer = await ask(parts, pipeline, stored, [...shipment.items, ...missing], wanted);
    if (answer === 'not yet') {
      later += asked.length;
      continue;
    }
    const rejected = rejectedBy(answer).filter(({ id }) => wanted.has(id));
    const told = await rejectionsOf(parts, pipeline, stored, rejected);
    const byPerson = new Map(told.map((one) => [one.id, one]));
    const cleared = clearedBy(answer, asked, stored);
    const same = new Set(about.flatMap(({ item, mayHold }) => (mayHold.hash === item.hash ? [item.id] : [])));
    await clearUp(parts.ledger, input.windowId, cleared, same, parts.now());
    for (const item of asked) {
      const isThere = cleared.there.includes(item.id);
      if (!isThere && !cleared.notThere.includes(item.id)) continue;
      const rejection = byPerson.get(item.id);
      if (!same.has(item.id)) (isThere ? toSend : held).push(item);
      else if (rejection !== undefined) refused.push(rejection);
      else if (!isThere) toSend.push(item);
    }
  }
  return { toSend, held, refused, later };
}

type Answer = Extract<Confirmation, { kind: 'settled' }> | 'never seen' | 'no answer';

async function ask(
  parts: Parts,
  pipeline: Pipeline,
  stored: StoredShipment,
  items: readonly Rendered[],
  wanted: ReadonlySet<number>,
): Promise<Answer | 'not yet'> {
  const { destination } = pipeline;
  const shipment = onlyAsked({ name: stored.name, items }, wanted);
  try {
    const found: Found =
      stored.receipt === null
        ? await lookForLost(pipeline, { stored, shipment })
        : { kind: 'found', receipt: stored.receipt };
    if (found.kind === 'absent') return 'never seen';
    const answer =
      found.kind === 'waiting' ? found : await destination.confirm(shipment, found.receipt, cancellationSignal());
    return answer.kind === 'settled' ? answer : 'not yet';
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    if (await answers(parts, pipeline)) return 'no answer';
    throw error;
  }
}

function rejectedBy(answer: Answer): readonly RejectedItem[] {
  return typeof answer === 'string' ? [] : answer.rejected.filter(({ byReviewer }) => byReviewer === true);
}

const UNANSWERED = 'the destination still does not say whether it has it';

function clearedBy(answer: Answer, asked: readonly Rendered[], { id: shipmentId }: StoredShipment): Cleared {
  const ids = asked.map(({ id }) => id);
  if (answer === 'never seen') return { there: [], notThere: ids, unknown: [], given: [], awaits: null };
  if (answer === 'no answer') {
    return { there: [], notThere: [], unknown: ids.map((id) => ({ id, reason: UNANSWERED })), given: [], awaits: null };
  }
  return {
    there: answer.accepted.filter((id) => ids.includes(id)),
    notThere: [...answer.rejected, ...answer.unknown.filter(isAbsent)]
      .map(({ id }) => id)
      .filter((id) => ids.includes(id)),
    unknown: answer.unknown.filter((one) => ids.includes(one.id) && !isAbsent(one)),
    given: answer.given ?? [],
    awaits: answer.awaitsReview === true ? shipmentId : null,
  };
}

function isAbsent(one: Unknown): boolean {
  return one.isAbsent === true;
}
