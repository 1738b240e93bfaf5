import { Fault } from '../../indicators/fault.ts';
import type { Send } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { addAttributes } from './add-attributes.ts';
import { changedAttribute, wasOn } from './bodies.ts';
import { byEvent } from './by-event.ts';
import { editEvent } from './edit-event.ts';
import { type EventWrite, writeEvent } from './event-write.ts';
import { isAsWanted, isOn, type Wanted, wantedOf } from './likeness.ts';
import type { MispParts } from './parts.ts';
import { toReceipt } from './receipt.ts';
import type { ShownAttribute } from './reply-schemas.ts';
import { restoreDeleted, restoreUnseen } from './restore.ts';
import type { Trouble } from './troubles.ts';

interface There {
  readonly wanted: Wanted;
  readonly shown: ShownAttribute;
}

/**
 * Has MISP hold items, whatever of them it holds already: what it does not show is added, which tells of each that is wrong; what it shows
 * otherwise is changed by its uuid, wherever it is; what is as it is to be is let be. So the same may be sent any number of times. What a
 * person there has deleted or taken out of detection is not fought over.
 */
export function deliverer(parts: MispParts): Send {
  const { client, read, checkRights, settings, now } = parts;
  return async ({ items }, signal, leaving) => {
    const all = fitted(() => items.map((item) => wantedOf(item) ?? unfit()));
    const [before] = await Promise.all([
      read(
        all.map(({ uuid }) => uuid),
        signal,
      ),
      checkRights(new Set(all.map(({ form }) => form.tlp)), signal),
    ]);
    const progress = { hasLeft: false, isInPart: false };
    const leave = async (): Promise<void> => {
      if (progress.hasLeft) return;
      progress.hasLeft = true;
      await leaving?.();
    };
    const write = (one: EventWrite) => writeEvent(parts, one, signal, leave);
    const there = all.flatMap((wanted): There[] => {
      const shown = before.get(wanted.uuid);
      return shown === undefined ? [] : [{ wanted, shown }];
    });
    const off = there.filter(({ wanted, shown }) => wasOn(wanted) && !isOn(shown));
    const switchedOff = off.map(({ wanted }) => wanted);
    const toChange = there.filter((one) => !off.includes(one) && !isAsWanted(one.wanted, one.shown));
    const toAdd = all.filter(({ uuid }) => !before.has(uuid));
    const troubles: Trouble[] = [];
    try {
      for (const [event, wanted] of byEvent(toAdd, ({ form }) => form.event)) {
        troubles.push(...(await addAttributes(event, wanted, { client, settings, write, signal })));
        progress.isInPart = true;
      }
      const taken = toAdd.filter(({ item }) => troubles.some(({ id, kind }) => id === item.id && kind === 'taken'));
      switchedOff.push(...taken.filter(wasOn));
      const restored = await restoreUnseen(
        taken.filter((one) => !wasOn(one)),
        { read, write, signal },
      );
      toChange.push(...restored.filter(({ wanted, shown }) => !isAsWanted(wanted, shown)));
      for (const [event, group] of byEvent(toChange, ({ shown }) => shown.Event.uuid)) {
        const attributes = group.map(({ wanted, shown }) => changedAttribute(wanted, shown));
        const uuids = group.map(({ wanted }) => wanted.uuid);
        const isDone: EventWrite['isDone'] = (shown) =>
          group.every(({ wanted }) => isAsWanted(wanted, shown.get(wanted.uuid)));
        await editEvent(event, attributes, { uuids, isDone }, write);
        progress.isInPart = true;
      }
      const deleted = toChange.filter(({ shown }) => shown.deleted).map(({ shown }) => shown.uuid);
      await restoreDeleted(deleted, parts, signal);
    } catch (error) {
      throw progress.isInPart && error instanceof Fault ? error.afterAPart() : error;
    }
    await leave();
    return toReceipt({ sentAt: now(), troubles, switchedOff: switchedOff.map(({ item }) => item.id) });
  };
}

function unfit(): never {
  throw new TypeError('An item that is sent has a form.');
}
