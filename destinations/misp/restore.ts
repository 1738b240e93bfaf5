import type { HttpReply } from '../../http/http-client.ts';
import { restoredAttribute } from './bodies.ts';
import { byEvent } from './by-event.ts';
import { editEvent } from './edit-event.ts';
import type { EventWrite } from './event-write.ts';
import { isAsWanted, type Wanted } from './likeness.ts';
import type { MispParts } from './parts.ts';
import type { ShownAttribute } from './reply-schemas.ts';

/**
 * Restores what MISP says is there and does not show: after 2.5.1 whoever lacks `perm_sync` does not find what is deleted. By an edit alone:
 * a restore by uuid would be one of another attribute in 2.5.1, whose number it begins with. Returns those that are shown then.
 * (Source: MISP, MispAttribute::fetchAttributes at 0028da1, editAttribute.)
 */
export async function restoreUnseen(
  taken: readonly Wanted[],
  {
    read,
    write,
    signal,
  }: Pick<MispParts, 'read'> & {
    readonly write: (write: EventWrite) => Promise<HttpReply | null>;
    readonly signal: AbortSignal;
  },
): Promise<readonly { readonly wanted: Wanted; readonly shown: ShownAttribute }[]> {
  if (taken.length === 0) return [];
  for (const [event, group] of byEvent(taken, ({ form }) => form.event)) {
    const uuids = group.map(({ uuid }) => uuid);
    const isDone: EventWrite['isDone'] = (shown) => group.every((one) => isAsWanted(one, shown.get(one.uuid)));
    await editEvent(event, group.map(restoredAttribute), { uuids, isDone }, write);
  }
  const now = await read(
    taken.map(({ uuid }) => uuid),
    signal,
  );
  return taken.flatMap((wanted) => {
    const shown = now.get(wanted.uuid);
    return shown === undefined ? [] : [{ wanted, shown }];
  });
}

/**
 * Restores what an edit of its event has left deleted: both ways are said to restore (UNCONFIRMED). By its number, as 2.5.1 knows no uuid
 * there; it sends on to the attribute, whatever came of it. (Source: MISP 2.5.1, AttributesController::restore.)
 */
export async function restoreDeleted(
  uuids: readonly string[],
  { client, read }: Pick<MispParts, 'client' | 'read'>,
  signal: AbortSignal,
): Promise<void> {
  if (uuids.length === 0) return;
  const shown = await read(uuids, signal);
  for (const uuid of uuids) {
    const attribute = shown.get(uuid);
    if (attribute?.deleted !== true) continue;
    const path = `/attributes/restore/${attribute.id}`;
    await client.send({ method: 'POST', path, needs: 'restore attributes', answers: [302, 405] }, signal);
  }
}
