import { z } from 'zod';
import type { Destination } from '../destination.ts';
import { isAsWanted, isOn, wantedOf } from './likeness.ts';
import type { MispParts } from './parts.ts';
import { toReceipt } from './receipt.ts';
import { uuidOfRendered } from './render.ts';

/** Whether MISP holds all of a shipment; if not, it may be sent again at once: only what is not there is written. */
export function finder({ client, read, ids }: MispParts): Destination['find'] {
  return async ({ items }, { sentAfter }, signal) => {
    if (items.length === 0) {
      const call = { method: 'GET', path: '/servers/getVersion', needs: 'read the version' } as const;
      await client.read(call, z.object({ version: z.string() }), signal);
      return { kind: 'absent' };
    }
    const all = items.map((item) => ({ wanted: wantedOf(item), uuid: uuidOfRendered(item, ids) }));
    const uuids = all.map(({ uuid }) => uuid);
    const shown = await read(uuids, signal);
    const named = all.filter(({ wanted }) => wanted !== null);
    const isThere = (named.length === 0 ? all : named).every(({ wanted, uuid }) => {
      const attribute = shown.get(uuid);
      return wanted === null ? attribute !== undefined && isOn(attribute) : isAsWanted(wanted, attribute);
    });
    if (!isThere) return { kind: 'absent' };
    return { kind: 'found', receipt: toReceipt({ sentAt: sentAfter, troubles: [], switchedOff: [] }) };
  };
}
