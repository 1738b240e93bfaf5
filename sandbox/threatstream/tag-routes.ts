import { z } from 'zod';
import { answer, breakOn, type Rooms, type Route } from './answer.ts';
import type { Entry } from './entry.ts';
import { isForeign, type Profile } from './profile.ts';
import { Declined, jsonOf, tagsOf } from './request-values.ts';
import { taggableOne, taggableOnes } from './taggable.ts';
import { isPublicTag, tagged, tagId, untagged } from './tags.ts';

/** Of ids in a request that answers at once. (Source: facts/tips.md 0.6; what happens above is UNCONFIRMED.) */
const MOST_IDS = 250;

const ids = z.array(z.int().min(1));
const tagging = z.object({ ids, tags: z.unknown().optional(), remove_tags: z.unknown().optional() });

/** Tags of many observables at once, and of one. (Source: facts/tips.md 2.3.) */
export const TAG_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: /^\/api\/v2\/intelligence\/bulk_tagging\/$/,
    answer(rooms, { body, query }) {
      if (query.has('async_result')) throw new Declined(400, 'Only ids, and no query, are supported here.');
      const read = bodyOf(body);
      const added = read.tags === undefined ? [] : tagsOf(read.tags);
      const removed = read.remove_tags === undefined ? [] : tagsOf(read.remove_tags);
      const removes = rooms.faults().untagBy === 'bulk_remove_tags' ? [] : removed;
      const names = new Set(removes.map(({ name }) => name));
      retag(rooms, taggableOnes(rooms, read.ids, { adds: added, removes }), (profile) =>
        tagged(
          untagged(profile, ({ name }) => names.has(name)),
          added,
        ),
      );
      return answer(200, { success: true });
    },
  },
  {
    method: 'PATCH',
    path: /^\/api\/v2\/intelligence\/bulk_remove_tags\/$/,
    answer(rooms, { body }) {
      if (rooms.faults().untagBy === 'bulk_tagging') throw new Declined(404, 'Not found.');
      const read = bodyOf(body);
      const removes = tagsOf(read.tags);
      const names = new Set(removes.map(({ name }) => name));
      retag(rooms, taggableOnes(rooms, read.ids, { removes }), (profile) =>
        untagged(profile, ({ name }) => names.has(name)),
      );
      return answer(200, { success: true });
    },
  },
  {
    method: 'POST',
    path: /^\/api\/v1\/intelligence\/(\d+)\/tag\/$/,
    answer(rooms, { body }, [id]) {
      const tags = tagsIn(body);
      const entry = taggableOne(rooms, Number(id), { adds: tags });
      retag(rooms, [entry], (profile) => tagged(profile, tags));
      return answer(201, {
        success: true,
        tags: tags.map((tag) => ({ id: tagId(tag), name: tag.name, tlp: tag.tlp })),
      });
    },
  },
  {
    method: 'DELETE',
    path: /^\/api\/v1\/intelligence\/(\d+)\/tag\/(\w+)\/$/,
    answer(rooms, _request, [id, tag]) {
      const entry = taggableOne(rooms, Number(id), {});
      removable(rooms, entry, tag);
      retag(rooms, [entry], (profile) => untagged(profile, (one) => tagId(one) === tag));
      return answer(200, { success: true });
    },
  },
  {
    method: 'POST',
    path: /^\/api\/v1\/importsession\/(\d+)\/intelligence\/tag\/$/,
    answer(rooms, { body }, [id = '']) {
      const session = rooms.sessions.get(id);
      if (session === undefined) throw new Declined(404, 'Not found.');
      breakOn(rooms.faults().broken.sessions, session.entries);
      const tags = tagsIn(body);
      retag(rooms, rooms.sessions.ownEntries(session), (profile) => tagged(profile, tags));
      return answer(201, { success: true });
    },
  },
];

function bodyOf(text: string): z.infer<typeof tagging> {
  const parsed = tagging.safeParse(jsonOf(text, 'The body'));
  if (!parsed.success) throw new Declined(400, 'ids must be a list of ids.');
  if (parsed.data.ids.length > MOST_IDS) throw new Declined(400, `ids must be ${MOST_IDS} at most.`);
  return parsed.data;
}

function tagsIn(text: string): ReturnType<typeof tagsOf> {
  const parsed = z.object({ tags: z.unknown() }).safeParse(jsonOf(text, 'The body'));
  return tagsOf(parsed.success ? parsed.data.tags : undefined);
}

/** Another organisation's public tag is not ours to remove; one of ours may have the same id. */
function removable({ counts }: Rooms, { shelf }: Entry, tag: string | undefined): void {
  const meant = shelf?.profile.tags.filter((one) => tagId(one) === tag) ?? [];
  if (shelf === null || meant.length === 0) throw new Declined(404, 'Not found.');
  if (!isForeign(shelf.profile) || meant.some((one) => !isPublicTag(one))) return;
  counts.foreignTouched += 1;
  throw new Declined(403, 'It is another organisation’s tag.');
}

/** Profiles that entries share are made once, and what has the tags already is not touched. */
function retag(rooms: Rooms, entries: readonly Entry[], change: (profile: Profile) => Profile): void {
  const changed = new Map<Profile, Profile>();
  for (const entry of entries) {
    const profile = entry.shelf?.profile;
    if (profile === undefined) continue;
    const next = changed.get(profile) ?? change(profile);
    changed.set(profile, next);
    if (next === profile) {
      rooms.counts.idleTagWrites += 1;
      continue;
    }
    rooms.counts.tagWrites += 1;
    rooms.holdings.change(entry, next, entry.state, rooms.faults().tagsBumpUpdates);
  }
}
