import { Fault } from '../../indicators/fault.ts';
import { indicatorId } from '../../indicators/stix-ids.ts';
import { stixPattern } from '../../indicators/stix-observable.ts';
import type { Destination, Withdrawable } from '../destination.ts';
import { addObjects } from './add-objects.ts';
import { instantOf } from './content.ts';
import type { Parts } from './parts.ts';
import { revocationOf } from './revocation.ts';
import { isRevoked, type Standing } from './standing.ts';
import { API } from './taxii-client.ts';
import { knownVersions } from './version.ts';

/** Items of one call. */
export const WITHDRAWN_AT_ONCE = 100;

const NOT_SHOWN =
  'the server took its revocation in and does not show it: who reads the collection may take it for current';

/** Revokes what is ours and current, and reads whether that shows. What is not there, or is revoked already, needs nothing. */
export function withdrawer(parts: Parts): Destination['withdraw'] {
  const { companions, standings, now, confirmFor, confirmPoll, namespace } = parts;
  /** When revocations left that do not show yet: each is sent once, and waited for. */
  const left = new Map<string, number>();

  return async (items, signal) => {
    const ids = new Map(items.map((item) => [item.id, idsOf(item, namespace)]));
    const all = [...ids.values()].flat();
    let there = await standings(all, signal);
    const fresh = all.filter((id) => isCurrent(there.get(id)) && !left.has(id));
    if (fresh.length > 0) {
      await companions.ready(signal);
      const objects = fresh.flatMap((id) => {
        const standing = there.get(id);
        return standing === undefined || standing.own === null ? [] : [revocationOf(standing.own, standing, now())];
      });
      await addObjects(parts, objects, signal, { values: items.map(({ key }) => key.value) });
      for (const id of fresh) left.set(id, now().getTime());
      there = await standings(all, signal);
    }
    const current = (item: Withdrawable) => (ids.get(item.id) ?? []).filter((id) => isCurrent(there.get(id)));
    const isAwaited = (item: Withdrawable): boolean =>
      current(item).some((id) => now().getTime() < (left.get(id) ?? 0) + confirmFor) ||
      (shows(item, ids, there).length === 0 && isUnderWay(item, now(), confirmFor));
    const waiting = items.filter(isAwaited).length;
    if (waiting > 0) {
      throw new Fault('Throttled', `${API} does not show yet that ${waiting} indicators are revoked.`, {
        isOurs: true,
        retryAfterMs: confirmPoll,
      });
    }
    for (const id of all) left.delete(id);
    const stuck = items.filter((item) => current(item).length > 0);
    const others = items.filter((item) => !stuck.includes(item));
    return {
      withdrawn: others.filter((item) => shows(item, ids, there).length > 0).map(({ id }) => id),
      missing: others.filter((item) => shows(item, ids, there).length === 0).map(({ id }) => id),
      unknown: stuck.map(({ id }) => ({ id, reason: NOT_SHOWN })),
    };
  };
}

/** All under which it may be there. */
function idsOf({ held, key }: Withdrawable, namespace: string): readonly string[] {
  const known = knownVersions(held ?? undefined).flatMap(({ id, earlier }) => [id].concat(earlier));
  const given = held?.remoteId ?? null;
  const ids = new Set([...known, ...(given === null ? [] : [given])]);
  return ids.size > 0 ? [...ids] : [indicatorId(namespace, stixPattern(key), 0)];
}

function isCurrent(standing: Standing | undefined): boolean {
  return standing !== undefined && standing.own !== null && !isRevoked(standing);
}

/** Of the ids of an item, those under which something of ours is there. */
function shows(
  { id }: Withdrawable,
  ids: ReadonlyMap<number, readonly string[]>,
  there: ReadonlyMap<string, Standing>,
): readonly string[] {
  return (ids.get(id) ?? []).filter((one) => (there.get(one)?.own ?? null) !== null);
}

/** What was sent a short while ago may be taken in yet. */
function isUnderWay({ unsure }: Withdrawable, now: Date, confirmFor: number): boolean {
  const sentAt = instantOf(unsure?.['sentAt']);
  return sentAt !== null && now.getTime() < sentAt + confirmFor;
}
