import { z } from 'zod';
import type { Entry, Holdings } from './holdings.ts';
import { KINDS } from './kinds.ts';
import { profileSchema } from './profile.ts';
import { type Sessions, sessionRecord } from './sessions.ts';

const snapshot = z.object({
  profiles: z.array(profileSchema),
  /** Value, kind, place of the profile in `profiles`, state, when it was taken in (older states do not say); in the order of updates. */
  entries: z.array(
    z.tuple([
      z.string(),
      z.enum(KINDS),
      z.int().min(0),
      z.enum(['awaiting-review', 'active', 'gone']),
      z.number().default(0),
    ]),
  ),
  sessions: z.array(sessionRecord),
  counts: z.object({ duplicates: z.number(), updates: z.number(), retracted: z.number() }),
});

/** Everything that is held, as JSON. */
export function takeSnapshot(holdings: Holdings, sessions: Sessions): z.infer<typeof snapshot> {
  const profiles: z.infer<typeof snapshot>['profiles'] = [];
  const places = new Map<object, number>();
  const entries: z.infer<typeof snapshot>['entries'] = [];
  for (const { value, kind, shelf, state, heldAt } of holdings.after(0)) {
    if (shelf === null) continue;
    const place = places.get(shelf) ?? profiles.push(shelf.profile) - 1;
    places.set(shelf, place);
    entries.push([value, kind, place, state, heldAt]);
  }
  const { holds: _, ...counts } = holdings.counts();
  return { profiles, entries, sessions: sessions.all().map(({ record }) => record), counts };
}

/** Puts back what `takeSnapshot` gave; throws when it is something else. */
export function restoreSnapshot(saved: unknown, holdings: Holdings, sessions: Sessions): void {
  const { profiles, entries, sessions: records, counts } = snapshot.parse(saved);
  holdings.restoreCounts(counts);
  const bySession = new Map<string, Entry[]>(records.map(({ id }) => [id, []]));
  for (const [value, kind, place, state, heldAt] of entries) {
    const profile = profiles[place];
    if (profile === undefined) throw new Error('The saved holdings name a profile that they do not have.');
    const entry = holdings.restore(value, kind, profile, state, heldAt);
    if (profile.sessionId !== null) bySession.get(profile.sessionId)?.push(entry);
  }
  for (const record of records) sessions.restore(record, bySession.get(record.id) ?? []);
}
