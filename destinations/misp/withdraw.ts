import { Fault } from '../../indicators/fault.ts';
import type { Destination, Withdrawable, Withdrawn } from '../destination.ts';
import { endedAttribute } from './bodies.ts';
import { byEvent } from './by-event.ts';
import { editEvent } from './edit-event.ts';
import { type EventWrite, writeEvent } from './event-write.ts';
import { isOn } from './likeness.ts';
import { mustNotBeHidden } from './make-event.ts';
import { API } from './misp-client.ts';
import type { MispParts } from './parts.ts';
import { fromReceipt } from './receipt.ts';
import { heldForms, uuidOf } from './render.ts';
import type { ShownAttribute } from './reply-schemas.ts';

/** Takes attributes out of detection, or deletes them softly, by their uuids, wherever they are; and looks whether they are. */
export function withdrawer(parts: MispParts): Destination['withdraw'] {
  const { client, read, ids, settings, now } = parts;
  return async (items, signal) => {
    if (items.length === 0) return { withdrawn: [], missing: [], unknown: [] };
    const uuidsOf = new Map(items.map((item) => [item.id, uuidOf(item, ids)]));
    const uuids = [...uuidsOf.values()];
    const before = await read(uuids, signal);
    const on = [...before.values()].filter(isOn);
    const write = (one: EventWrite) => writeEvent(parts, one, signal);
    for (const [event, group] of byEvent(on, ({ Event }) => Event.uuid)) {
      const attributes = group.map((one) => endedAttribute(one, settings.withdraw));
      const isDone: EventWrite['isDone'] = (shown) => group.every(({ uuid }) => isOff(shown.get(uuid)));
      await editEvent(event, attributes, { uuids: group.map(({ uuid }) => uuid), isDone }, write);
    }
    const writtenBy = now();
    const after = on.length === 0 ? before : await read(uuids, signal);
    // What is deleted may not be shown any more.
    const unseen = on.flatMap((one) =>
      after.has(one.uuid) ? [] : [{ ...one, timestamp: Math.floor(writtenBy.getTime() / 1_000) }],
    );
    await parts.publishChanged([...after.values(), ...unseen], writtenBy, signal);
    const waits = items.filter(({ id, unsure }) => !after.has(uuidsOf.get(id) ?? '') && waitMs(unsure) > 0);
    if (waits.length > 0) {
      throw new Fault('Throttled', `${API} may still take in ${waits.length} attributes that are to be withdrawn.`, {
        isOurs: true,
        retryAfterMs: Math.max(...waits.map(({ unsure }) => waitMs(unsure))),
      });
    }
    const gone = items.filter(({ id, held }) => (held?.remoteId ?? null) !== null && !after.has(uuidsOf.get(id) ?? ''));
    const homes = gone.flatMap(({ held }) => heldForms(held ?? undefined).map(({ event }) => event));
    await mustNotBeHidden([...new Set(homes)], { client, settings, signal });
    return sorted(items, (item) => after.get(uuidsOf.get(item.id) ?? ''));
  };

  /** How long what was sent may still arrive. */
  function waitMs(unsure: Withdrawable['unsure']): number {
    if (unsure === undefined || unsure === null) return 0;
    return fromReceipt(unsure).sentAt.getTime() + settings.confirmFor - now().getTime();
  }
}

function sorted(
  items: readonly Withdrawable[],
  shownOf: (item: Withdrawable) => ShownAttribute | undefined,
): Withdrawn {
  const of = (isKind: (shown: ShownAttribute | undefined) => boolean): readonly number[] =>
    items.filter((item) => isKind(shownOf(item))).map(({ id }) => id);
  return {
    withdrawn: of((shown) => shown !== undefined && !isOn(shown)),
    missing: of((shown) => shown === undefined),
    unknown: of((shown) => shown !== undefined && isOn(shown)).map((id) => ({
      id,
      reason: `${API} was told to end it, and has not: it is still for detection there`,
    })),
  };
}

function isOff(shown: ShownAttribute | undefined): boolean {
  return shown === undefined || !isOn(shown);
}
