import { z } from 'zod';
import { answer, breakOn, type Rooms, type Route } from './answer.ts';
import type { Entry } from './entry.ts';
import { knownObservable, ownObservable } from './own-observable.ts';
import type { Profile } from './profile.ts';
import { Declined, jsonOf, tagsOf } from './request-values.ts';
import { tagged, tagId, untagged } from './tags.ts';

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
      const names = new Set(rooms.faults().untagBy === 'bulk_remove_tags' ? [] : removed.map(({ name }) => name));
      retag(rooms, entriesOf(rooms, read.ids), (profile) =>
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
      const names = new Set(tagsOf(read.tags).map(({ name }) => name));
      retag(rooms, entriesOf(rooms, read.ids), (profile) => untagged(profile, ({ name }) => names.has(name)));
      return answer(200, { success: true });
    },
  },
  {
    method: 'POST',
    path: /^\/api\/v1\/intelligence\/(\d+)\/tag\/$/,
    answer(rooms, { body }, [id]) {
      const { entry } = knownObservable(rooms, Number(id));
      const tags = tagsIn(body);
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
      const { entry, copy } = knownObservable(rooms, Number(id));
      if (!copy.profile.tags.some((one) => tagId(one) === tag)) throw new Declined(404, 'Not found.');
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

function entriesOf(rooms: Rooms, wanted: readonly number[]): Entry[] {
  const found = wanted.map((id) => ownObservable(rooms, id)?.entry);
  const known = found.filter((entry) => entry !== undefined);
  if (known.length < found.length && rooms.faults().unknownIds === 'refused') throw new Declined(404, 'Not found.');
  return known;
}

/** Profiles that entries share are made once, and what has the tags already is not touched. */
function retag(rooms: Rooms, entries: readonly Entry[], change: (profile: Profile) => Profile): void {
  const changed = new Map<Profile, Profile>();
  for (const entry of entries) {
    const profile = entry.shelf?.profile;
    if (profile === undefined) continue;
    const next = changed.get(profile) ?? change(profile);
    changed.set(profile, next);
    if (next !== profile) rooms.holdings.change(entry, next, entry.state, rooms.faults().tagsBumpUpdates);
  }
}
