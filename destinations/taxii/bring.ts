import { laterThan, stixTime } from '../../indicators/stix-time.ts';
import type { Rendered, Send } from '../destination.ts';
import { fitted } from '../unfit.ts';
import { addObjects, type ObjectToAdd } from './add-objects.ts';
import { instantOf } from './content.ts';
import type { Parts } from './parts.ts';
import { objectOf } from './render.ts';
import { revocationOf } from './revocation.ts';
import { isRevoked, type Standing, says, versionOf } from './standing.ts';
import { idsOf, versionForm } from './version.ts';

/**
 * Sends what is not there already, in versions above those that are there: a ledger may know less than the server holds, and a server that has a
 * version keeps it, whatever else is sent as that one. (Source: OpenTAXII 0.9.3 calls that a success, medallion 3.0.0 a failure.)
 */
export function bringer(parts: Parts): Send {
  const { companions, standings, now } = parts;
  return async ({ items }, signal, leaving) => {
    await companions.ready(signal);
    const there = await standings(items.flatMap(idsOf), signal);
    const objects = fitted(() => items.flatMap((item) => lacking(item, there, now())));
    const values = items.map(({ value }) => value);
    const status =
      objects.length === 0 ? null : await addObjects(parts, objects, signal, { ...(leaving && { leaving }), values });
    return { sentAt: now().toISOString(), status };
  };
}

/** What may still be current under an earlier id goes first, so that never two are. */
function lacking(item: Rendered, there: ReadonlyMap<string, Standing>, now: Date): readonly ObjectToAdd[] {
  const earlier = (versionForm(item.form)?.earlier ?? []).flatMap((id) => {
    const standing = there.get(id);
    if (standing === undefined || standing.own === null || isRevoked(standing)) return [];
    return [revocationOf(standing.own, standing, now)];
  });
  const object = objectOf(item);
  const standing = there.get(object.id);
  if (standing === undefined) return [...earlier, object];
  // What is revoked gets no more versions: confirming says so, and it comes back under another id.
  if (says(standing, item.hash) || isRevoked(standing)) return earlier;
  const created = instantOf((standing.own ?? standing.newest)['created']);
  return [
    ...earlier,
    {
      ...object,
      ...(created === null ? {} : { created: stixTime(new Date(created).toISOString()) }),
      modified: laterThan(versionOf(standing), object.modified),
    },
  ];
}
