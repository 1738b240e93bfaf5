import { lastTakenIn } from '../ledger/declined.ts';
import { type Failing, failingOf, forgetFailures, inheritFailures, noteFailures } from '../ledger/failing.ts';
import type { LedgerDb } from '../ledger/open-ledger.ts';
import { divideShipment, markSent, takeApart } from '../ledger/shipment-steps.ts';
import { openShipments, type StoredShipment } from '../ledger/shipments.ts';
import { halves } from './halves.ts';
import type { BatchRef, Parts, Pipeline } from './parts.ts';
import { isHopeless, PATIENCE } from './patience.ts';
import { progressed } from './progress.ts';
import { renderShipments } from './render-shipments.ts';
import { type Failed, type Sent, sendOne } from './send-one.ts';
import { setShipmentsAside } from './set-shipments-aside.ts';
import { SIDE_BY_SIDE, UNANSWERED } from './settle-sent.ts';
import { Suspicion } from './suspicion.ts';

export interface Round {
  readonly requests: number;
  /** Some items have changed, and have to be planned anew. */
  readonly outdated: boolean;
  /** For requests that may still be on their way in: in how many milliseconds to look for each again. */
  readonly waits: readonly number[];
}

/**
 * Sends planned shipments, some side by side; those that were divided on the way put new ones in their place. One that fails does not
 * keep the others: it is passed on once all have been tried, unless none of those that were sent side by side got through. One that may
 * still be on its way in waits for itself alone.
 */
export async function sendShipments(parts: Parts, pipeline: Pipeline, input: BatchRef): Promise<Round> {
  const suspicion = new Suspicion(parts, pipeline);
  const attempt = await beginAttempt(parts, pipeline, input);
  let planned = await attempt.planned();
  let requests = 0;
  let outdated = false;
  const waits: number[] = [];
  for (;;) {
    const group = suspicion.next(planned).slice(0, SIDE_BY_SIDE);
    if (group.length > 0) {
      const done = await sendGroup(parts, pipeline, group, attempt, suspicion);
      requests += done.filter(({ kind }) => kind === 'sent' || kind === 'declined').length;
      outdated ||= done.some(({ kind }) => kind === 'outdated');
      waits.push(...done.flatMap((one) => (one.kind === 'waiting' ? [one.retryAfterMs] : [])));
      if (done.every(({ kind }) => kind === 'failed')) {
        if (requests === 0) break;
        planned = [];
      } else {
        const divided = done.some(({ kind }) => kind === 'declined' || kind === 'hopeless');
        planned = divided ? await attempt.planned() : planned.filter((one) => !group.includes(one));
      }
    } else if (await suspicion.pursue()) {
      planned = await attempt.planned();
    } else {
      break;
    }
  }
  await attempt.end(requests > 0);
  return { requests, outdated, waits };
}

/** What one attempt knows of requests that fail again and again. */
interface Attempt {
  /** What is left to try, those that have failed most at the end. */
  readonly planned: () => Promise<readonly StoredShipment[]>;
  readonly failing: (id: number) => Failing | undefined;
  readonly isHopeless: (one: StoredShipment) => boolean;
  /** What is not to be tried any more in this attempt: what has failed, and what has to wait. */
  readonly note: (done: readonly Sent[]) => void;
  /** Writes down what has failed by itself, and passes a failure on. */
  readonly end: (othersGotThrough: boolean) => Promise<void>;
}

async function beginAttempt(parts: Parts, { name }: Pipeline, { windowId, batch }: BatchRef): Promise<Attempt> {
  const { ledger } = parts;
  const begun = parts.now();
  const open = () => openShipments(ledger, windowId, batch, 'planned');
  const first = await open();
  let read: readonly StoredShipment[] | null = first;
  let failing = await failingIn(ledger, first);
  const takenIn = failing.size === 0 ? null : await lastTakenIn(ledger, name);
  const failed: Failed[] = [];
  const waiting = new Set<number>();
  const rank = ({ id, sentAfter }: StoredShipment): number =>
    (failing.get(id)?.tries ?? 0) + (sentAfter === null ? 0 : 1);
  return {
    failing: (id) => failing.get(id),
    async planned() {
      const tried = new Set([...failed.map(({ stored }) => stored.id), ...waiting]);
      const now = read ?? (await open());
      if (read === null) failing = await failingIn(ledger, now);
      read = null;
      return now.filter(({ id }) => !tried.has(id)).toSorted((a, b) => rank(a) - rank(b));
    },
    isHopeless: ({ id }) => isHopeless(failing.get(id), begun, takenIn, first.length === 1),
    note(done) {
      failed.push(...done.filter((one) => one.kind === 'failed'));
      for (const one of done) if (one.kind === 'waiting') waiting.add(one.stored.id);
    },
    async end(othersGotThrough) {
      const counted = failed.filter(({ byItself }) => byItself || othersGotThrough).map(({ stored }) => stored.id);
      await noteFailures(ledger, 'send', counted, begun);
      const [worst] = failed;
      if (worst !== undefined) throw worst.fault;
    },
  };
}

function failingIn(ledger: LedgerDb, shipments: readonly StoredShipment[]): Promise<ReadonlyMap<number, Failing>> {
  return failingOf(
    ledger,
    'send',
    shipments.map(({ id }) => id),
  );
}

/** What came of it is written down for all before a failure of one is passed on. */
async function sendGroup(
  parts: Parts,
  pipeline: Pipeline,
  group: readonly StoredShipment[],
  attempt: Attempt,
  suspicion: Suspicion,
): Promise<readonly Sent[]> {
  const rendered = await renderShipments(parts, pipeline, group);
  const tries = await Promise.allSettled(
    rendered.map((one) => sendOne(parts, pipeline, one, attempt.isHopeless(one.stored))),
  );
  const done = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const sent = done.filter((one) => one.kind === 'sent');
  await markSent(parts.ledger, sent);
  await forgetFailures(
    parts.ledger,
    'send',
    sent.map(({ id }) => id).filter((id) => attempt.failing(id) !== undefined),
  );
  const hopeless = done.filter((one) => one.kind === 'hopeless');
  for (const { stored } of hopeless) await giveUp(parts, pipeline, stored, attempt.failing(stored.id));
  const unanswered = done.filter((one) => one.kind === 'unanswered').map(({ stored }) => stored);
  await setShipmentsAside(parts, unanswered, UNANSWERED);
  for (const one of done) if (one.kind === 'outdated') await takeApart(parts.ledger, one.stored, parts.now());
  attempt.note(done);
  const declined = done.filter((one) => one.kind === 'declined');
  await suspicion.learn(declined, sent.length > 0);
  if (sent.length + declined.length + hopeless.length > 0) progressed({ requests: sent.length + declined.length });
  const failed = tries.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return done;
}

const NEVER_TAKEN = 'the destination did not answer its request, again and again, while it answered others';

/** What fails by itself is divided until the item to blame stands alone, which is set aside: the destination may have it. */
async function giveUp(
  parts: Parts,
  pipeline: Pipeline,
  stored: StoredShipment,
  failing: Failing | undefined,
): Promise<void> {
  const { id } = stored;
  const ids = stored.items.map((item) => item.id);
  if (ids.length > 1) {
    const named = halves(ids).map((half) => ({ name: parts.newShipmentName(pipeline.name), ids: half }));
    const made = await divideShipment(parts.ledger, { id }, named, 'never answered; divided');
    const tries = PATIENCE.tries - PATIENCE.triesOfAPart;
    if (failing !== undefined) await inheritFailures(parts.ledger, made, { ...failing, tries });
  } else {
    await setShipmentsAside(parts, [stored], NEVER_TAKEN);
  }
  await forgetFailures(parts.ledger, 'send', [id]);
}
