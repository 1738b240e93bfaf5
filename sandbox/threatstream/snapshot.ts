import { z } from 'zod';
import { type Comments, savedComment } from './comments.ts';
import type { Entry } from './entry.ts';
import type { Holdings } from './holdings.ts';
import { KINDS } from './kinds.ts';
import { type Profile, profileSchema } from './profile.ts';
import { type SavedSearches, savedSearch } from './saved-searches.ts';
import { type SessionRecord, sessionRecord } from './session-record.ts';
import type { Reject, Sessions } from './sessions.ts';
import { investigation, type ThreatModels, threatModel } from './threat-models.ts';

const state = z.enum(['awaiting-review', 'active', 'gone', 'falsepos']);
const count = z.number().default(0);

const savedReject = z.object({
  session: z.string(),
  id: z.number(),
  value: z.string(),
  itype: z.string().nullable(),
  confidence: z.number(),
  message: z.string(),
  wasExcluded: z.boolean(),
  kind: z.enum(KINDS).nullable(),
  /** Its place in `profiles`. */
  profile: z.number().nullable(),
});

/** What has a default is missing in older ones. */
const snapshot = z.object({
  profiles: z.array(profileSchema),
  /**
   * Value, kind, place of the profile in `profiles`, state, when it was taken in, id, place in the order of updates, when it was changed; in
   * the order of updates. An id of 0 is given anew.
   */
  entries: z.array(z.tuple([z.string(), z.enum(KINDS), z.int().min(0), state, count, count, count, count])),
  sessions: z.array(sessionRecord),
  counts: z.object({ duplicates: count, discarded: count, updates: count, retracted: count, publicTags: count }),
  rejects: z.array(savedReject).default([]),
  comments: z.array(savedComment).default([]),
  tagNames: z.array(z.string()).default([]),
  sources: z.array(z.string()).default([]),
  searches: z.array(savedSearch).default([]),
  threatModels: z.array(threatModel).default([]),
  investigations: z.array(investigation).default([]),
  requestedTags: z.array(z.tuple([z.string(), z.array(z.number())])).default([]),
  nextIds: z.object({ id: z.number(), updateId: z.number() }).nullable().default(null),
});
type Snapshot = z.infer<typeof snapshot>;

interface Kept {
  readonly holdings: Holdings;
  readonly sessions: Sessions;
  readonly comments: Comments;
  /** Of artifacts. */
  readonly sources: Set<string>;
  readonly searches: SavedSearches;
  readonly models: ThreatModels;
}

/** Everything that is held, as JSON. */
export function takeSnapshot({ holdings, sessions, comments, sources, searches, models }: Kept): Snapshot {
  const profiles: Profile[] = [];
  const places = new Map<Profile, number>();
  const placeOf = (profile: Profile): number => {
    const place = places.get(profile) ?? profiles.push(profile) - 1;
    places.set(profile, place);
    return place;
  };
  const entries: Snapshot['entries'] = [];
  for (const { value, kind, shelf, state: at, heldAt, id, updateId, modifiedAt } of holdings.after(0)) {
    if (shelf !== null) {
      entries.push([value, kind, placeOf(shelf.profile), at, heldAt, id, updateId, modifiedAt]);
    }
  }
  const rejects = sessions.all().flatMap(({ record, rejects: own }) =>
    own.map(({ profile, ...reject }) => ({
      ...reject,
      session: record.id,
      profile: profile === null ? null : placeOf(profile),
    })),
  );
  const { holds: _, withdrawn: retracted, ...counts } = holdings.counts();
  return {
    profiles,
    entries,
    sessions: sessions.all().map(({ record }) => record),
    counts: { ...counts, retracted, publicTags: holdings.tags.counts().publicTags },
    rejects,
    comments: comments.all(),
    tagNames: [...holdings.tags.names],
    sources: [...sources],
    searches: searches.all(),
    threatModels: models.models(),
    investigations: models.investigations(),
    requestedTags: holdings.requestedTags.save(),
    nextIds: holdings.nextIds(),
  };
}

/** Puts back what `takeSnapshot` gave; throws when it is something else. */
export function restoreSnapshot(
  saved: unknown,
  { holdings, sessions, comments, sources, searches, models }: Kept,
): void {
  const read = snapshot.parse(saved);
  const profileAt = (place: number): Profile => {
    const profile = read.profiles[place];
    if (profile === undefined) throw new Error('The saved holdings name a profile that they do not have.');
    return profile;
  };
  const entries = new Map<string, Entry[]>();
  for (const [value, kind, place, at, heldAt, id, updateId, modifiedAt] of read.entries) {
    const profile = profileAt(place);
    const kept = id === 0 ? { ...holdings.nextIds(), modifiedAt: heldAt } : { id, updateId, modifiedAt };
    const entry = holdings.restore({ ...kept, value, kind, heldAt }, profile, at);
    if (profile.sessionId !== null) listIn(entries, profile.sessionId).push(entry);
  }
  const rejects = new Map<string, Reject[]>();
  for (const { session, profile, ...reject } of read.rejects) {
    listIn(rejects, session).push({ ...reject, profile: profile === null ? null : profileAt(profile) });
  }
  for (const record of read.sessions) {
    sessions.restore(record, entries.get(record.id) ?? [], rejects.get(record.id) ?? []);
  }
  if (read.nextIds !== null) holdings.skipIds(read.nextIds.id, read.nextIds.updateId);
  holdings.requestedTags.restore(read.requestedTags, (id) => holdings.byId(id));
  for (const source of read.sources) sources.add(source);
  for (const search of read.searches) searches.define(search);
  for (const model of read.threatModels) models.define(model);
  for (const one of read.investigations) models.investigate(one);
  for (const comment of read.comments) comments.add(comment);
  const { publicTags, retracted: withdrawn, ...counts } = read.counts;
  holdings.restoreCounts({ ...counts, withdrawn });
  holdings.tags.restore(read.tagNames, publicTags);
}

function listIn<Item>(lists: Map<string, Item[]>, key: SessionRecord['id']): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
