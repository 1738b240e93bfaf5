import { Fault } from '../indicators/fault.ts';
import {
  DECLINED,
  DECLINED_AND_SET_ASIDE,
  declinedSince,
  noteDeclined,
  takeBackRejections,
} from '../ledger/declined.ts';
import { forgetFailures } from '../ledger/failing.ts';
import { divideShipment, settleShipments, takeApart } from '../ledger/shipment-steps.ts';
import type { StoredShipment } from '../ledger/shipments.ts';
import { type DeclinedAlike, declinedWhatever, isDeclinedForGood, PROOF, setAsideFor } from './declined-whatever.ts';
import { halves } from './halves.ts';
import type { Parts, Pipeline } from './parts.ts';
import type { Declined } from './send-one.ts';

/** Of many requests that could go, so many are tried before it is taken for certain that none is taken in. */
const ENOUGH = 8;

interface Left extends Declined {
  readonly at: Date;
}

/**
 * What one attempt has seen declined since the destination last took something in. While nothing is taken in, nobody can say whether
 * the items are to blame or what all requests have in common, so no item is.
 */
export class Suspicion {
  readonly #parts: Parts;
  readonly #pipeline: Pipeline;
  readonly #tried = new Set<number>();
  readonly #probes = new Set<number>();
  /** Made for the sake of probing. */
  #pieces: readonly number[] = [];
  #declined: Left[] = [];

  constructor(parts: Parts, pipeline: Pipeline) {
    this.#parts = parts;
    this.#pipeline = pipeline;
  }

  /** Of the shipments that are planned, those to send next. */
  next(planned: readonly StoredShipment[]): readonly StoredShipment[] {
    const waiting = new Set(this.#declined.map(({ stored }) => stored.id));
    const free = planned.filter(({ id }) => !waiting.has(id));
    const probes = free.filter(({ id }) => this.#probes.has(id));
    if (probes.length > 0) return probes;
    if (waiting.size === 0) return free;
    const isUntried = ({ items }: StoredShipment): boolean => items.some(({ id }) => !this.#tried.has(id));
    return waiting.size < ENOUGH ? free.filter(isUntried) : [];
  }

  /** What came of requests that were sent side by side. */
  async learn(declined: readonly Declined[], someTakenIn: boolean): Promise<void> {
    for (const { stored } of declined) for (const { id } of stored.items) this.#tried.add(id);
    this.#declined.push(...declined.map((one) => ({ ...one, at: this.#parts.now() })));
    const isSeveral = ({ stored }: Left): boolean => stored.items.length > 1;
    const [only, ...others] = this.#declined;
    if (someTakenIn || (only !== undefined && others.length === 0 && isSeveral(only))) return this.#blame();
    // Size is no matter of what it carries.
    await this.#blame((one) => isSeveral(one) && one.fault.kind === 'TooLarge');
  }

  /**
   * Called when nothing is left to send: some single items are sent alone to see whether they are taken in. Throws `Refused` when enough
   * of them are not, unless this has been so for so long that they are set aside; returns false when there is nothing to find out any more.
   */
  async pursue(): Promise<boolean> {
    if (this.#declined.length === 0) return false;
    await this.#refuseIfProven();
    const several = this.#declined.filter(({ stored }) => stored.items.length > 1);
    const alone = this.#declined.length - several.length;
    if (several.length > 0 && alone < PROOF) await this.#probe(several, PROOF - alone);
    else await this.#blame();
    return true;
  }

  async #refuseIfProven(): Promise<void> {
    const { ledger, now } = this.#parts;
    const alone = this.#declined.filter(({ stored }) => stored.items.length === 1);
    if (alone.length === 0) return;
    const { takenIn, rejected, setAside } = await declinedSince(ledger, this.#pipeline.name);
    const current = alone.filter(({ at }) => takenIn === null || at > takenIn);
    const seen = current.flatMap(({ stored, fault }) => stored.items.map(({ id }) => ({ id, reason: fault.message })));
    const alike = declinedWhatever([...seen, ...rejected, ...setAside]);
    if (alike === null) return;
    const mine = current.filter(({ stored }) => stored.items.some(({ id }) => alike.ids.has(id)));
    if (!(await this.#isRefusal(alike, mine, takenIn))) return;
    // What was divided to find this out goes together again.
    const pieces = this.#pieces.map((id) => ({ id, sentAfter: null }));
    for (const one of [...this.#declined.map(({ stored }) => stored), ...pieces]) await takeApart(ledger, one, now());
    await takeBackRejections(ledger, rejected, now());
    throw new Fault(
      'Refused',
      `${this.#pipeline.destination.describe} declined ${alike.ids.size} items, each alone, in the same words: ${alike.words} Check the settings of the destination and the rights of its account. Nothing was rejected for it; items that go on being declined like this are set aside after a day.`,
    );
  }

  /** Counts for each item that it was declined like the others, and sets those aside with which this has to have an end. */
  async #isRefusal(alike: DeclinedAlike, alone: readonly Left[], takenIn: Date | null): Promise<boolean> {
    const { ledger } = this.#parts;
    const now = this.#parts.now();
    const ids = alone.flatMap(({ stored }) => stored.items.map(({ id }) => id));
    const failing = await noteDeclined(ledger, this.#pipeline.name, ids, takenIn, now);
    const hopeless = alone.filter(({ stored }) =>
      stored.items.every(({ id }) => isDeclinedForGood(failing.get(id), now)),
    );
    const reason = setAsideFor(alike);
    const settlements = hopeless.map(({ stored }) => ({
      shipmentId: stored.id,
      accepted: [],
      rejected: [],
      unknown: [],
      declined: stored.items.map(({ id }) => ({ id, reason })),
      note: DECLINED_AND_SET_ASIDE,
    }));
    await settleShipments(ledger, settlements, now);
    await forgetFailures(
      ledger,
      'declined',
      hopeless.flatMap(({ stored }) => stored.items.map(({ id }) => id)),
    );
    this.#declined = this.#declined.filter((one) => !hopeless.includes(one));
    return hopeless.length < alone.length;
  }

  /** Takes single items out of requests that were declined; what is left of each is known to be declined, too, and is halved. */
  async #probe(several: readonly Left[], wanted: number): Promise<void> {
    let left = wanted;
    for (const [index, one] of several.entries()) {
      if (left === 0) return;
      const ids = one.stored.items.map(({ id }) => id);
      const share = Math.min(ids.length, Math.ceil(left / (several.length - index)));
      // Far apart: what came in together may be bad together.
      const alone = Array.from({ length: share }, (_, place) => ids[Math.floor((place * ids.length) / share)] ?? 0);
      const rest = ids.filter((id) => !alone.includes(id));
      const made = await this.#divide(one, [...alone.map((id) => [id]), ...halves(rest)]);
      this.#pieces = [...this.#pieces, ...made];
      for (const id of made.slice(0, share)) this.#probes.add(id);
      this.#declined = this.#declined.filter((other) => other !== one);
      left -= share;
    }
  }

  /** The destination takes others in, so the items are to blame: each that was declined alone, and some in each of the other requests. */
  async #blame(which: (one: Left) => boolean = () => true): Promise<void> {
    const declined = this.#declined.filter(which);
    this.#declined = this.#declined.filter((one) => !which(one));
    if (this.#declined.length === 0) this.#pieces = [];
    for (const one of declined) {
      const ids = one.stored.items.map(({ id }) => id);
      if (ids.length > 1) await this.#divide(one, halves(ids));
      else await this.#reject(one);
    }
  }

  async #divide({ stored }: Left, parts: readonly (readonly number[])[]): Promise<readonly number[]> {
    const { ledger, newShipmentName } = this.#parts;
    const named = parts.map((ids) => ({ name: newShipmentName(this.#pipeline.name), ids }));
    return divideShipment(ledger, stored, named, 'declined as a whole; divided');
  }

  async #reject({ stored, fault }: Left): Promise<void> {
    const rejected = stored.items.map(({ id }) => ({ id, reason: fault.message }));
    const settlement = { shipmentId: stored.id, accepted: [], rejected, unknown: [], note: DECLINED };
    await settleShipments(this.#parts.ledger, [settlement], this.#parts.now());
    this.#parts.telemetry.settled(this.#pipeline.name, { rejected: rejected.length });
  }
}
